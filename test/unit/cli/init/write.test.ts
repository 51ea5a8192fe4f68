import assert from "node:assert/strict";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { became } from "../../../../daemon/cli/init/edit.ts";
import {
  emptyDirectories,
  keepDirectories,
  keptDirectories,
} from "../../../../daemon/cli/init/empty-directories.ts";
import { type Change, planChanges } from "../../../../daemon/cli/init/plan.ts";
import { writeChange } from "../../../../daemon/cli/init/write.ts";
import { locateHome } from "../../../../shared/client/home.ts";

let base: string;

beforeEach(() => {
  base = mkdtempSync(join(realpathSync(tmpdir()), "dl-write-"));
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

/** The one change that makes a text of a file. */
async function changeTo(path: string, text: string | undefined): Promise<Change> {
  const part = { path, put: () => became(text), take: () => became(text) };
  const { changes } = await planChanges(base, [part], "put");
  const [change] = changes;
  assert.ok(change);
  return change;
}

describe("writing a change", () => {
  it("keeps mode and byte order mark, and leaves nothing else behind", async () => {
    const file = join(base, "a.json");
    writeFileSync(file, "\u{feff}old", { mode: 0o750 });
    await writeChange(base, await changeTo("a.json", "new"), new Set());
    assert.equal(readFileSync(file, "utf8"), "\u{feff}new");
    assert.equal(statSync(file).mode & 0o777, 0o750);
    assert.deepEqual(readdirSync(base), ["a.json"]);
  });

  it("isn't done where the file isn't as it was shown any more", async () => {
    const file = join(base, "a.json");
    writeFileSync(file, "old");
    const change = await changeTo("a.json", "new");
    const removal = await changeTo("a.json", undefined);
    const made = await changeTo("b.json", "new");
    writeFileSync(file, "of another");
    writeFileSync(join(base, "b.json"), "of another");
    for (const one of [change, removal, made])
      await assert.rejects(writeChange(base, one, new Set()), { code: "RECORD_CONFLICT" });
    assert.equal(readFileSync(file, "utf8"), "of another");
    assert.deepEqual(readdirSync(base).sort(), ["a.json", "b.json"]);
  });

  it("takes empty directories along with a file that goes, but those that are kept", async () => {
    for (const directory of ["one/two", "kept/two"]) {
      await writeChange(base, await changeTo(`${directory}/a`, "x"), new Set());
      await writeChange(base, await changeTo(`${directory}/a`, undefined), new Set([join(base, "kept")]));
    }
    assert.deepEqual(readdirSync(base), ["kept"]);
    assert.deepEqual(readdirSync(join(base, "kept")), []);
  });

  it("plans nothing for what is no text file", async () => {
    writeFileSync(join(base, "binary"), Buffer.from([0xff, 0xfe, 0x00]));
    mkdirSync(join(base, "directory"));
    const parts = ["binary", "directory"].map((path) => ({
      path,
      put: () => became("x"),
      take: () => became("x"),
    }));
    const { changes, left } = await planChanges(base, parts, "put");
    assert.deepEqual(changes, []);
    assert.deepEqual(
      left.map(({ path }) => path),
      ["binary", "directory"],
    );
  });
});

describe("directories that were empty before", () => {
  it("are known by the next run, until they are forgotten", async () => {
    const home = locateHome({ DEVLATCH_HOME: join(base, "home") });
    mkdirSync(join(base, "empty"));
    mkdirSync(join(base, "full"));
    writeFileSync(join(base, "full", "x"), "");
    const changes = await Promise.all(
      ["empty/a/b", "full/a", "new/a", "top"].map((path) => changeTo(path, "x")),
    );
    const found = emptyDirectories(base, changes);
    assert.deepEqual(found, ["empty"]);
    keepDirectories(home, base, found);
    keepDirectories(home, "/elsewhere", ["x"]);
    assert.deepEqual(keptDirectories(home, base), ["empty"]);
    keepDirectories(home, base, []);
    assert.deepEqual(keptDirectories(home, base), []);
    assert.deepEqual(keptDirectories(home, "/elsewhere"), ["x"]);
    writeFileSync(home.initFile, "garbage");
    assert.deepEqual(keptDirectories(home, "/elsewhere"), []);
  });
});
