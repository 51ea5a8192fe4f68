import { renameSync, statSync } from "node:fs";
import pino from "pino";

export type Logger = pino.Logger;

/** A log file past this size is set aside when a daemon starts, in bytes. */
const rotateAtBytes = 5 * 1024 * 1024;

/** Names of fields that never reach the log: secrets, and environments, which hold secrets. */
const secretFields = ["token", "proof", "nonce", "env", "password", "url.password"];

/** The daemon's structured log: one JSON object a line, in a file only the user can read. */
export function openLog(file: string): Logger {
  rotate(file);
  const redact = {
    paths: secretFields.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]),
    censor: "[secret]",
  };
  const destination = pino.destination({ dest: file, mode: 0o600, sync: false, minLength: 0 });
  // A full disk costs log lines, not the daemon: unheard, the error would be an uncaught exception.
  destination.on("error", () => {});
  return pino(
    { level: process.env["DEVLATCH_LOG_LEVEL"] ?? "info", base: { pid: process.pid }, redact },
    destination,
  );
}

function rotate(file: string): void {
  try {
    if (statSync(file).size > rotateAtBytes) renameSync(file, `${file}.1`);
  } catch {
    // There is no log yet.
  }
}
