import { chmodSync, existsSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DevlatchError } from "../base/errors.ts";
import type { Home } from "../client/home.ts";

/** Where a bundle goes unless told: the home, which is private, or the temporary directory while there is no home. */
export function defaultFile(home: Home, now: Date): string {
  const time = now.toISOString().replaceAll(/[:.]/g, "-");
  return join(existsSync(home.directory) ? home.directory : tmpdir(), `devlatch-diagnostics-${time}.json`);
}

/**
 * Writes a bundle that only this user can read. @throws DevlatchError `INVALID_INPUT` where the file can't be written
 */
export function writeBundle(file: string, text: string): void {
  try {
    // Made anew: an old file may be open to others, or be a link.
    rmSync(file, { force: true });
    writeFileSync(file, text, { mode: 0o600, flag: "wx" });
    chmodSync(file, 0o600);
  } catch (cause) {
    throw new DevlatchError(
      "INVALID_INPUT",
      `${file} can't be written: ${cause instanceof Error ? cause.message : String(cause)}.`,
      "Give another file with --output.",
      { cause },
    );
  }
}

/** What people should know about a bundle before they pass it on. */
export function aboutBundle(file: string, withOutput: boolean): string {
  const output = withOutput
    ? "It holds the last lines of servers' output: look through them, secrets can't all be told apart."
    : "It holds no output of servers (add it with --with-output).";
  return [
    `Diagnostics were written to ${file}`,
    "It holds versions, findings of the doctor, status, health, locks, the ends of journal and logs, configuration and settings.",
    output,
    "Secrets, environment values, names of users and machines were taken out. It was sent nowhere.",
  ].join("\n");
}
