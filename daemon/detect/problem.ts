import { DevlatchError } from "../../shared/base/errors.ts";

/** Where in a file something is; lines and columns count from 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** The place of a character offset in a text. */
export function placeAt(file: string, text: string, offset: number): Place {
  const before = text.slice(0, offset);
  const lines = before.split(/\r\n|\r|\n/);
  return { file, line: lines.length, column: (lines.at(-1) ?? "").length + 1 };
}

/** `CONFIG_INVALID` at a place of a file; `data` carries the place for editors. */
export function invalidAt(place: Place, what: string, remedy: string): DevlatchError {
  return new DevlatchError(
    "CONFIG_INVALID",
    `${place.file}:${place.line}:${place.column}: ${what}.`,
    remedy,
    { data: place },
  );
}

/** `CONFIG_INVALID` about a whole file. */
export function invalidFile(file: string, what: string, remedy: string): DevlatchError {
  return new DevlatchError("CONFIG_INVALID", `${file} ${what}.`, remedy, { data: { file } });
}
