import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { createWorkspace } from "../../../daemon/detect/create-workspace.ts";

/** The lines of `test/fixtures/command-lines/NAME.txt`: of public projects, put into their script `dev`. */
function linesOf(name: string): readonly string[] {
  const file = new URL(`../../fixtures/command-lines/${name}.txt`, import.meta.url);
  return readFileSync(file, "utf8").split("\n").filter(Boolean);
}

/** What `npm run dev` is in a package with this script and the usual others: `next:4000`, `plain:3000` or `none`. */
function detector(t: TestContext): (line: string) => Promise<string> {
  const root = mkdtempSync(join(tmpdir(), "devlatch-lines-"));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  const others = {
    ...{ build: "tsc", lint: "eslint .", test: "vitest", "watch:css": "sass -w a", "watch:ts": "tsc -w" },
    ...{ "dev:all": "vite", "dev:api": "node api.js", "dev:web": "next dev -p 3001" },
  };
  let count = 0;
  return async (line) => {
    const cwd = join(root, `${count++}`);
    mkdirSync(cwd);
    writeFileSync(join(cwd, "package.json"), JSON.stringify({ scripts: { dev: line, ...others } }));
    const found = await createWorkspace().detect(["npm", "run", "dev"], cwd);
    return found.devServer ? `${found.framework ?? "plain"}:${found.port}` : "none";
  };
}

test("command lines of real projects are read as what they start", async (t) => {
  const detect = detector(t);
  const wrong: string[] = [];
  for (const line of linesOf("servers")) {
    const [wanted = "", command = ""] = line.split(/ @ (.*)/s);
    const found = await detect(command);
    if (found !== wanted) wrong.push(`${command}: ${found}, not ${wanted}`);
  }
  assert.deepEqual(wrong, []);
});

test("builds, tests, checks, watchers and tools are no servers, also in a script called dev", async (t) => {
  const detect = detector(t);
  const wrong: string[] = [];
  for (const line of linesOf("none")) {
    const found = await detect(line);
    if (found !== "none") wrong.push(`${line}: ${found}`);
  }
  assert.deepEqual(wrong, []);
});
