import { pause } from "../../shared/base/deadline.ts";
import { hasCode } from "../../shared/base/errors.ts";
import { type GitCall, git } from "../processes/git.ts";

/** Times a command is tried, and the pause between two tries in milliseconds. */
const [tries, pauseMs] = [20, 50];

/**
 * Runs `git worktree`. It reads the records of all worktrees first, and fails where another git is just writing one, which
 * takes a moment: it has done nothing then, and is run again.
 * @throws DevlatchError as {@link git}
 */
export async function gitWorktree(
  args: readonly string[],
  call: GitCall & { readonly signal: AbortSignal },
): Promise<string> {
  for (let left = tries; ; left--) {
    try {
      return await git(["worktree", ...args], call);
    } catch (error) {
      if (left <= 1 || !isHalfWritten(error)) throw error;
      await pause(pauseMs, call.signal);
    }
  }
}

/** `fatal: failed to read .git/worktrees/shop-4/commondir: Success` (strbuf_read_file in git's setup.c, of an empty file). */
function isHalfWritten(error: unknown): boolean {
  return (
    hasCode(error, "GIT_FAILED") &&
    /failed to read \S*worktrees\/[^/\s]+\/(?:commondir|gitdir)/.test(error.message)
  );
}
