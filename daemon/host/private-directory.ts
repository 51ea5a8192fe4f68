import { chmodSync, lstatSync, mkdirSync } from "node:fs";
import { DevlatchError } from "../../shared/base/errors.ts";

/**
 * Makes sure that a directory exists, belongs to this user and is closed to all others (0700). A user who can open
 * a socket in it may steer the session, so another user's directory is refused: it may have been put there on purpose.
 * @throws DevlatchError `HOST_FAILED`
 */
export function ensurePrivateDirectory(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  if (process.platform === "win32") return;
  const stat = lstatSync(path);
  if (!stat.isDirectory() || stat.uid !== process.getuid?.()) {
    throw new DevlatchError(
      "HOST_FAILED",
      `${path} is not a directory of this user.`,
      "Remove it, or set DEVLATCH_HOME to a directory of your own.",
    );
  }
  if ((stat.mode & 0o077) !== 0) chmodSync(path, 0o700);
}
