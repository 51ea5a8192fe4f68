import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { findProgram } from "../../../daemon/processes/find-program.ts";
import { DevlatchError } from "../../../shared/base/errors.ts";

/** A directory with an executable `bin/tool`, another in `other/tool`, and in `plain/tool` a file that isn't one. */
function place(t: TestContext): string {
  const cwd = realpathSync(mkdtempSync(join(tmpdir(), "devlatch-program-")));
  t.after(() => rmSync(cwd, { recursive: true }));
  for (const folder of ["bin", "other", "plain", "folder/tool"])
    mkdirSync(join(cwd, folder), { recursive: true });
  for (const folder of ["bin", "other", "plain"]) writeFileSync(join(cwd, folder, "tool"), "#!/bin/sh\n");
  for (const folder of ["bin", "other"]) chmodSync(join(cwd, folder, "tool"), 0o755);
  symlinkSync(join(cwd, "bin/tool"), join(cwd, "tool"));
  return cwd;
}

/** Name of the program, PATH, and the file that runs, from the directory above. */
const found: readonly (readonly [string, string, string, string])[] = [
  ["by its name, in the environment's PATH and its order", "tool", "/no/such:other:bin", "other/tool"],
  ["past what can't be executed and past directories", "tool", "plain:folder:bin", "bin/tool"],
  ["an empty entry of PATH is the directory", "tool", "/no/such:", "tool"],
  ["by a path, from the directory", "./bin/tool", "", "bin/tool"],
  ["by a path without a dot", "bin/tool", "other", "bin/tool"],
  ["a path out of it", "../{here}/other/tool", "", "other/tool"],
];

for (const [claim, name, path, file] of found) {
  test(`a program is found ${claim}`, (t) => {
    const cwd = place(t);
    const request = { name: name.replace("{here}", cwd.split("/").at(-1) ?? ""), cwd, env: { PATH: path } };
    assert.equal(findProgram(request), join(cwd, file));
    assert.equal(findProgram({ ...request, name: join(cwd, file), env: {} }), join(cwd, file));
  });
}

/** Name of the program, PATH, and what is said of it. */
const missing: readonly (readonly [string, string, string, RegExp])[] = [
  ["nowhere", "tool", "folder:/no/such", /"tool" was not found, neither on PATH nor from/],
  ["in this process' own directory alone", "package.json", "", /was not found/],
  ["a file that isn't executable", "tool", "folder:plain", /plain\/tool is not executable/],
  ["such a file by its path", "plain/tool", "bin", /plain\/tool is not executable/],
  ["a directory", "./folder", "bin", /was not found/],
  ["no name", "", "bin", /"" was not found/],
  ["a shell's line", "tool a && tool b", "bin", /without a shell, word by word/],
  ["a quoted command", "tool a", "bin", /No program is called "tool a"/],
];

for (const [claim, name, path, message] of missing) {
  test(`a program that isn't there is told with a remedy: ${claim}`, (t) => {
    const request = { name, cwd: place(t), env: { PATH: path } };
    assert.throws(
      () => findProgram(request),
      (error) =>
        error instanceof DevlatchError && error.code === "COMMAND_NOT_FOUND" && message.test(error.message),
    );
  });
}

test("a package manager that isn't there is installed for the machine, not by the project", (t) => {
  const request = { name: "pnpm", cwd: place(t), env: { PATH: "bin" } };
  assert.throws(
    () => findProgram(request),
    (error) => error instanceof DevlatchError && /npm install --global pnpm,/.test(error.remedy),
  );
});
