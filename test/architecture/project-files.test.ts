import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { repository } from "../support/paths.ts";

/** The rooms that look at the files of a project. */
const rooms = "daemon/{detect,language,output,servers}";
/** What opens no file. */
const looking = new Set(["lstat", "opendir", "realpath", "stat"]);

test("a project's files are read only as regular files of a bounded size", () => {
  for (const file of globSync(`${rooms}/**/*.ts`, { cwd: repository })) {
    const text = readFileSync(join(repository, file), "utf8");
    for (const [, what = ""] of text.matchAll(
      /(?:import|export) ([^;]*?) from "(?:node:)?fs(?:\/promises)?"/g,
    )) {
      const names = what.replace(/[{}]/g, "").split(",");
      const opens = names.map((name) => name.trim()).filter((name) => name !== "" && !looking.has(name));
      assert.deepEqual(
        opens,
        [],
        `${file}: use readTextFile or readRegularFile, which refuse pipes and devices`,
      );
    }
    assert.doesNotMatch(text, /(?:import|require)\("(?:node:)?fs/, `${file}: import what opens no file`);
  }
});
