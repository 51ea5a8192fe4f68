import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { TestContext } from "node:test";

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
