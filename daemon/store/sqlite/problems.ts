import { DevlatchError } from "../../../shared/base/errors.ts";

// Primary result codes, https://sqlite.org/rescode.html; extended ones carry them in the low byte.
const busy = 5;
const locked = 6;
const corrupt = 11;
const full = 13;
const notADatabase = 26;

/** Whether another handle holds what this one asked for. */
export function isBusy(error: unknown): boolean {
  const code = resultCode(error);
  return code === busy || code === locked;
}

/** Whether the file isn't a database, or is a broken one. */
export function isGarbage(error: unknown): boolean {
  const code = resultCode(error);
  return code === corrupt || code === notADatabase;
}

/** `STORE_UNAVAILABLE` for a file that can't be used. */
export function unusable(file: string, error: unknown): DevlatchError {
  const words = error instanceof Error ? error.message : String(error);
  return new DevlatchError("STORE_UNAVAILABLE", `${file} can't be used: ${words}`, remedyFor(error), {
    cause: error,
  });
}

function remedyFor(error: unknown): string {
  if (isBusy(error)) return "Another program holds the file. Close it, or try again in a moment.";
  if (isGarbage(error)) return "Restart the daemon (devlatch daemon stop): it sets the broken file aside.";
  if (resultCode(error) === full) return "The disk is full: make room, then try again.";
  return "Check that the directory exists and that you may write to it, or set DEVLATCH_HOME to another one.";
}

function resultCode(error: unknown): number | undefined {
  if (typeof error !== "object" || error === null || !("errcode" in error)) return undefined;
  return typeof error.errcode === "number" ? error.errcode & 0xff : undefined;
}
