import { realpath } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { DevlatchError, hasCode } from "../../shared/base/errors.ts";
import { digest } from "../../shared/base/token.ts";
import { git } from "../processes/git.ts";
import { gitWorktree } from "./git-worktree.ts";

/** A repository on this machine, seen from one of its checkouts. All paths are absolute and real. */
export interface Repository {
  /** Identifies its pool: one for all checkouts of a repository on one machine. */
  readonly poolId: string;
  /** The directory that all worktrees share (`.git` of the main checkout). */
  readonly commonDirectory: string;
  /** The main checkout; the caller's own where the repository is bare. */
  readonly main: string;
  /** The checkout the caller is in. */
  readonly top: string;
}

/** @throws DevlatchError `NOT_A_CHECKOUT`, `GIT_FAILED` */
export async function findRepository(
  cwd: string,
  machineId: string,
  signal: AbortSignal,
): Promise<Repository> {
  const [common = "", toplevel = ""] = (
    await ask(cwd, ["rev-parse", "--path-format=absolute", "--git-common-dir", "--show-toplevel"], signal)
  ).split("\n");
  const commonDirectory = await realpath(common);
  const top = await realpath(toplevel);
  const main = await mainCheckout(commonDirectory, top, signal);
  return { poolId: digest(`${machineId}\n${commonDirectory}`), commonDirectory, main, top };
}

/** The same place in the main checkout as `root` has in the caller's. */
export function inMainCheckout({ main, top }: Repository, root: string): string {
  const path = relative(top, root);
  return path.startsWith("..") ? main : join(main, path);
}

/** The commit a name stands for. @throws DevlatchError `INVALID_INPUT` if it stands for none */
export async function resolveCommit(top: string, ref: string, signal: AbortSignal): Promise<string> {
  const args = ["rev-parse", "--verify", "--quiet", "--end-of-options", `${ref}^{commit}`];
  const commit = await git(args, { cwd: top, signal, allowed: [1, 128] });
  if (/^[0-9a-f]{40,64}$/.test(commit)) return commit;
  const what =
    ref === "HEAD" ? `${top} has no commit yet` : `${JSON.stringify(ref)} names no commit in ${top}`;
  throw new DevlatchError(
    "INVALID_INPUT",
    `A sandbox begins at a commit, and ${what}.`,
    ref === "HEAD" ? "Commit something first." : "Give a branch, tag or commit with --ref.",
  );
}

/** The first worktree git lists is the main one, also where its `.git` lies elsewhere. */
async function mainCheckout(commonDirectory: string, top: string, signal: AbortSignal): Promise<string> {
  const listed = await gitWorktree(["list", "--porcelain"], { cwd: top, signal });
  const [first = "", ...rest] = listed.split("\n\n")[0]?.split("\n") ?? [];
  if (rest.includes("bare")) return top;
  const path = first.replace(/^worktree /, "");
  return realpath(path).catch(() => (commonDirectory.endsWith(".git") ? dirname(commonDirectory) : top));
}

async function ask(cwd: string, args: readonly string[], signal: AbortSignal): Promise<string> {
  try {
    return await git(args, { cwd, signal });
  } catch (error) {
    const exit = hasCode(error, "GIT_FAILED") && (error.data as { exitCode?: number } | undefined)?.exitCode;
    if (exit !== 128) throw error;
    throw new DevlatchError(
      "NOT_A_CHECKOUT",
      `Sandboxes are worktrees of a git checkout, and ${cwd} is in none: ${hasCode(error) ? error.message : ""}`,
      "Go into a checkout, or name one with --cwd. A new repository is made with: git init",
      { cause: error },
    );
  }
}
