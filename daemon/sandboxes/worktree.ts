import { chmod, lstat, mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { hasCode } from "../../shared/base/errors.ts";
import { readRegularFile } from "../../shared/base/regular-file.ts";
import { cookieVariable } from "../../shared/model/marks.ts";
import { git } from "../processes/git.ts";
import { gitWorktree } from "./git-worktree.ts";

/** Longest time of a checkout or a cleaning, in milliseconds. */
const longMs = 10 * 60_000;

/** A worktree to act on. */
export interface Place {
  readonly path: string;
  /** Its own directory in the repository's `.git/worktrees`. */
  readonly gitDirectory: string;
  /** Marks the git processes that work on it, so that those of a killed daemon are found. */
  readonly mark: string;
}

/**
 * What of a worktree's git directory outlives its owner. All else is the owner's: index (files marked as unchanged are
 * hidden in it), reflog, a rebase or bisect under way, settings, submodules.
 */
const lasting = new Set(["HEAD", "commondir", "gitdir", "locked", "reftable"]);

/** Makes a worktree without a branch. @returns its git directory */
export async function addWorktree(
  main: string,
  path: string,
  commit: string,
  mark: string,
  signal: AbortSignal,
): Promise<string> {
  const env = { [cookieVariable]: mark };
  await gitWorktree(["add", "--detach", "--quiet", path, commit], {
    cwd: main,
    timeoutMs: longMs,
    env,
    signal,
  });
  return git(["rev-parse", "--absolute-git-dir"], { cwd: path, signal });
}

/** Removes a worktree with everything in it, also a half-made or half-removed one. */
export async function removeWorktree(
  main: string,
  path: string,
  mark: string,
  signal: AbortSignal,
): Promise<void> {
  const env = { [cookieVariable]: mark };
  // Twice --force: also one that is locked. It fails for one git knows nothing of: then only files are left.
  await gitWorktree(["remove", "--force", "--force", path], {
    cwd: main,
    timeoutMs: longMs,
    env,
    signal,
  }).catch((error: unknown) => {
    signal.throwIfAborted();
    if (!hasCode(error, "GIT_FAILED")) throw error;
  });
  await removeTree(path);
  // Only what is missing is pruned; git keeps what is locked or on a drive that is away and locked.
  await gitWorktree(["prune"], { cwd: main, signal });
}

/** Runs git on exactly this worktree, whatever its owner did to the `.git` file in it. */
export function gitAt(
  { path, gitDirectory, mark }: Place,
  args: readonly string[],
  signal: AbortSignal,
  more: { allowed?: readonly number[]; env?: Readonly<Record<string, string>>; input?: string } = {},
): Promise<string> {
  const env = { [cookieVariable]: mark, GIT_OPTIONAL_LOCKS: "0", ...more.env };
  return git([`--git-dir=${gitDirectory}`, `--work-tree=${path}`, ...args], {
    cwd: path,
    timeoutMs: longMs,
    signal,
    ...more,
    env,
  });
}

/**
 * Brings a worktree to a commit as if it were new: no file of its owner is left, ignored ones included, but for caches.
 * What is worth keeping must have been saved before.
 * @param keep patterns of caches, as in .gitignore
 * @throws DevlatchError `GIT_FAILED` when something can't be removed
 */
export async function resetWorktree(
  place: Place,
  commit: string,
  keep: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  await repairLink(place);
  await forgetOwner(place.gitDirectory);
  // Written directly: a branch the owner was on must not move.
  await gitAt(place, ["update-ref", "--no-deref", "HEAD", commit], signal);
  await emptySubmodules(place, commit, signal);
  const resetAndClean = async () => {
    await gitAt(place, ["reset", "--hard", "--quiet", commit], signal);
    await gitAt(place, ["clean", "-xffd", "--quiet", ...excludes(keep)], signal);
  };
  try {
    await resetAndClean();
  } catch (error) {
    if (!hasCode(error, "GIT_FAILED")) throw error;
    // A directory without write permission (module caches have them) can't be emptied.
    await makeWritable(place.path);
    await resetAndClean();
  }
  await rm(join(place.gitDirectory, "logs"), { recursive: true, force: true });
}

/** Whether a worktree is exactly this commit, with nothing beside it but caches. */
export async function isPristine(
  place: Place,
  commit: string,
  keep: readonly string[],
  signal: AbortSignal,
): Promise<boolean> {
  if ((await gitAt(place, ["rev-parse", "HEAD"], signal)) !== commit) return false;
  const tracked = await gitAt(place, ["status", "--porcelain", "--untracked-files=no"], signal);
  if (tracked !== "") return false;
  return (await gitAt(place, ["clean", "-nxffd", ...excludes(keep)], signal)) === "";
}

function excludes(keep: readonly string[]): string[] {
  return keep.flatMap((pattern) => ["-e", pattern]);
}

/** The owner may have put another repository in place of the link to ours. */
async function repairLink({ path, gitDirectory }: Place): Promise<void> {
  const file = join(path, ".git");
  const link = `gitdir: ${gitDirectory}\n`;
  // What the owner left there may be a link or a pipe, too.
  const found = await lstat(file).catch(() => undefined);
  const content = found?.isFile() ? await readRegularFile(file).catch(() => undefined) : undefined;
  if (content?.kind === "bytes" && new TextDecoder().decode(content.bytes) === link) return;
  await rm(file, { recursive: true, force: true });
  await writeFile(file, link);
}

async function forgetOwner(gitDirectory: string): Promise<void> {
  for (const name of await readdir(gitDirectory)) {
    if (!lasting.has(name)) await rm(join(gitDirectory, name), { recursive: true, force: true });
  }
}

/** git neither resets nor cleans what is inside a submodule's directory. */
async function emptySubmodules(place: Place, commit: string, signal: AbortSignal): Promise<void> {
  const entries = await gitAt(place, ["ls-tree", "-r", "-z", "--full-tree", commit], signal);
  for (const entry of entries.split("\0")) {
    const [facts = "", name] = entry.split("\t");
    if (!facts.startsWith("160000 ") || name === undefined) continue;
    await removeTree(join(place.path, name));
    await mkdir(join(place.path, name), { recursive: true });
  }
}

async function removeTree(path: string): Promise<void> {
  const options = { recursive: true, force: true, maxRetries: 5, retryDelay: 50 };
  try {
    await rm(path, options);
  } catch {
    await makeWritable(path);
    await rm(path, options);
  }
}

async function makeWritable(path: string): Promise<void> {
  const found = await lstat(path).catch(() => undefined);
  if (!found?.isDirectory()) return;
  await chmod(path, found.mode | 0o700).catch(() => {});
  for (const entry of await readdir(path, { withFileTypes: true }).catch(() => [])) {
    if (entry.isDirectory()) await makeWritable(join(path, entry.name));
  }
}
