import { homedir } from "node:os";
import { join, resolve } from "node:path";

/** The checkout under test. */
export const repository = resolve(import.meta.dirname, "../..");

/** The built session host, as users have it: from its sources it takes twice the processor's time to start. */
export const hostProgram = join(repository, "dist/host.js");

/** Screenshots and logs of the last test run; not committed. */
export const outputDirectory = join(repository, "test/.output");

/** What tests download or build once and keep between runs and checkouts. */
export function cacheDirectory(env: NodeJS.ProcessEnv = process.env): string {
  return join(env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "devlatch-test");
}
