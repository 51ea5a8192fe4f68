import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { HostDescription } from "./protocol.ts";

/** Where a host says what it is, for daemons that come later. */
export function descriptionFile(directory: string): string {
  return join(directory, "host.json");
}

/** Replaces the file in one step: a reader finds the old or the new content, never half of it. */
export function writeDescription(directory: string, description: HostDescription): void {
  const file = descriptionFile(directory);
  // Only the holder of host.lock writes here, so one temporary name is enough.
  const temporary = `${file}.new`;
  writeFileSync(temporary, `${JSON.stringify(description)}\n`, { mode: 0o600 });
  renameSync(temporary, file);
}

/** @returns undefined where there is no such file or its content is garbage */
export function readDescription(directory: string): HostDescription | undefined {
  try {
    return HostDescription.parse(JSON.parse(readFileSync(descriptionFile(directory), "utf8")));
  } catch {
    return undefined;
  }
}

export function removeDescription(directory: string): void {
  rmSync(descriptionFile(directory), { force: true });
}
