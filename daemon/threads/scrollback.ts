import type { DatabaseSync } from "node:sqlite";
import { lineFeed } from "./lines.ts";

/**
 * The last raw output.
 * @param maxBytes at most this many; where something is cut off, the result starts behind a line feed, so that it
 *   begins neither inside a character nor (as a rule) inside an escape sequence
 * @param fromOffset nothing before this absolute offset
 */
export function readScrollback(database: DatabaseSync, maxBytes: number, fromOffset: number): Buffer {
  const end = rawEnd(database);
  const start = Math.max(fromOffset, end - maxBytes);
  const rows = database
    .prepare(
      "SELECT offset, bytes FROM chunks WHERE offset >= coalesce((SELECT max(offset) FROM chunks WHERE offset <= ?), 0) ORDER BY offset",
    )
    .all(start);
  const oldest = Number(rows[0]?.["offset"] ?? 0);
  const bytes = Buffer.concat(rows.map((row) => row["bytes"] as Uint8Array));
  const kept = bytes.subarray(Math.max(0, start - oldest));
  const whole = Math.max(start, oldest) <= fromOffset;
  return whole ? kept : afterFirstLine(kept);
}

/** Absolute offset behind the newest byte. */
export function rawEnd(database: DatabaseSync): number {
  const newest = database
    .prepare("SELECT offset + length(bytes) AS end FROM chunks ORDER BY offset DESC LIMIT 1")
    .get();
  return Number(newest?.["end"] ?? 0);
}

/** Raw output from an absolute offset on; `offset` of the result is later where the beginning is no longer kept. */
export function readRaw(
  database: DatabaseSync,
  fromOffset: number,
  maxBytes: number,
): { readonly offset: number; readonly bytes: Buffer } {
  const rows = database
    .prepare(
      "SELECT offset, bytes FROM chunks WHERE offset >= coalesce((SELECT max(offset) FROM chunks WHERE offset <= ?), 0) ORDER BY offset",
    )
    .iterate(fromOffset);
  const pieces: Uint8Array[] = [];
  let begin = fromOffset;
  let end = fromOffset;
  for (const row of rows) {
    const offset = Number(row["offset"]);
    const bytes = row["bytes"] as Uint8Array;
    if (offset + bytes.length <= fromOffset) continue;
    if (pieces.length === 0) begin = Math.max(offset, fromOffset);
    pieces.push(bytes.subarray(Math.max(0, fromOffset - offset)));
    end = offset + bytes.length;
    if (end - begin >= maxBytes) break;
  }
  return { offset: begin, bytes: Buffer.concat(pieces).subarray(0, maxBytes) };
}

function afterFirstLine(bytes: Buffer): Buffer {
  const at = bytes.indexOf(lineFeed);
  return at === -1 ? bytes : bytes.subarray(at + 1);
}
