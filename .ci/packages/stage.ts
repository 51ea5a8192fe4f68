import { chmod, cp, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Puts a package together in a directory of its own: servers may run from the repository's `dist`, which is left as it is. */
export async function inStage<T>(
  root: string,
  files: readonly string[],
  use: (stage: string) => Promise<T>,
): Promise<T> {
  const stage = await mkdtemp(join(tmpdir(), "devlatch-package-"));
  try {
    for (const file of files) await cp(join(root, file), join(stage, file), { recursive: true });
    return await use(stage);
  } finally {
    await rm(stage, { recursive: true, force: true });
  }
}

/** Whatever masks and checkouts made of them: two programs can be run, all else can be read. */
export async function unifyModes(directory: string): Promise<void> {
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    const isProgram = entry.isDirectory() || ["devlatch.js", "spawn-helper"].includes(entry.name);
    await chmod(join(entry.parentPath, entry.name), isProgram ? 0o755 : 0o644);
  }
}
