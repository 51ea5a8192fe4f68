import assert from "node:assert/strict";
import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { TestContext } from "node:test";
import { hasCode } from "../../../shared/base/errors.ts";

/** Files by path; a value that isn't text is written as JSON. */
export type Files = Readonly<Record<string, unknown>>;

/** A project in a temporary directory of its own, gone after the test. It is its own git checkout. */
export async function project(t: TestContext, files: Files): Promise<string> {
  const root = await realpath(await mkdtemp(join(tmpdir(), "devlatch-detect-")));
  t.after(() => rm(root, { recursive: true, force: true }));
  await mkdir(join(root, ".git"));
  for (const [path, content] of Object.entries(files)) {
    const file = join(root, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, typeof content === "string" ? content : JSON.stringify(content, null, 2));
  }
  return root;
}

/** A project with one server of Next. */
export const nextApp: Files = {
  "package.json": { scripts: { dev: "next dev" }, dependencies: { next: "16" } },
};

/** The package.json of a workspace's member with a script called dev. */
export const member = (name: string, dev: string) => ({ name, scripts: { dev } });

/** What a promise was rejected with, which must be an error with a code. */
export async function failureOf(promise: Promise<unknown>) {
  const error = await promise.then(
    () => assert.fail("should have failed"),
    (reason: unknown) => reason,
  );
  return hasCode(error) ? error : assert.fail(String(error));
}
