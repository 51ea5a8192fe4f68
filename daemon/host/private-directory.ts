import { mkdirSync } from "node:fs";
import { requireBelieved } from "../../shared/base/believed-path.ts";

/**
 * Makes a directory where it is missing, closed to all others (0700). One that is there is left as it is, and refused
 * where another user could have written it: who can open a socket in it may steer the session.
 * @throws DevlatchError `UNSAFE_PATH`; an error of the file system
 */
export function ensurePrivateDirectory(path: string): void {
  requireBelieved(path, "directory");
  mkdirSync(path, { recursive: true, mode: 0o700 });
  requireBelieved(path, "directory");
}
