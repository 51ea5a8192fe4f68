import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { inputDigest } from "../../../daemon/detect/input-digest.ts";
import { project } from "./project.ts";

const { signal } = new AbortController();

async function files(owner: TestContext) {
  const root = await project(owner, { "a.sql": "one", "deep/b.sql": "two", "deep/c.txt": "three" });
  const put = async (path: string, text: string) => {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  };
  return { root, put, digest: (...patterns: string[]) => inputDigest(root, patterns, signal) };
}

for (const [what, pattern, change, counts] of [
  ["a file's text, though as long", "**/*.sql", { "deep/b.sql": "owt" }, true],
  ["a new file", "**/*.sql", { "deep/more/d.sql": "" }, true],
  ["one that is named", "a.sql", { "a.sql": "other" }, true],
  ["one that wasn't there", "later.sql", { "later.sql": "" }, true],
  ["one in a hidden directory", "**", { ".hidden/x": "" }, true],
  ["not one beside it", "**/*.sql", { "deep/c.txt": "other" }, false],
  ["not one in a directory below", "*.sql", { "deep/b.sql": "other" }, false],
  ["not an installed package's", "**", { "node_modules/x/y.sql": "" }, false],
] as const) {
  test(`a task's files are others: ${what}`, async (t) => {
    const { digest, put } = await files(t);
    const before = await digest(pattern);
    assert.equal(await digest(pattern), before, "the same as long as nothing changes");
    for (const [path, text] of Object.entries(change)) await put(path, text);
    assert.equal((await digest(pattern)) !== before, counts);
  });
}

test("contents that move from one file to another are told apart, as are patterns", async (t) => {
  const { digest, put } = await files(t);
  const before = await digest("*.sql", "deep/*.sql");
  await put("a.sql", "onetwo");
  await put("deep/b.sql", "");
  assert.notEqual(await digest("*.sql", "deep/*.sql"), before);
  assert.notEqual(await digest("a.sql"), await digest("./a.sql", "x"));
});

test("links to what is above, pipes and devices are neither followed nor read", {
  timeout: 20_000,
}, async (t) => {
  const { root, digest } = await files(t);
  await symlink("..", join(root, "deep/up"));
  await symlink("/dev/zero", join(root, "zero"));
  execFileSync("mkfifo", [join(root, "pipe")]);
  const found = await digest("**", "zero", "pipe");
  await rm(join(root, "pipe"));
  assert.equal(typeof found, "string");
});

for (const pattern of ["../x", "deep/../../x", ".."]) {
  test(`a pattern that leaves the task's directory is refused: ${pattern}`, async (t) => {
    const { digest } = await files(t);
    await assert.rejects(digest(pattern), { code: "CONFIG_INVALID" });
  });
}

test("a question that is given up ends", async (t) => {
  const { root } = await files(t);
  const aborted = AbortSignal.abort(new Error("enough"));
  await assert.rejects(inputDigest(root, ["**"], aborted), /enough/);
});
