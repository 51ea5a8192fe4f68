import { createTwoFilesPatch, FILE_HEADERS_ONLY } from "diff";
import { plainLines } from "../../../shared/base/plain-text.ts";
import type { Change } from "./plan.ts";

/** Lines around a change that are shown. */
const context = 2;
/** Characters around a change in a file of long lines that are shown. */
const around = 30;
/** In a longer line, in characters, the change alone is shown: a file on one line would be shown whole, with its secrets. */
const longestLine = 400;
/** How long one comparison may take, in milliseconds. */
const patienceMs = 2_000;

/** A change as a unified diff, safe to show. Line ends and a byte order mark aren't shown: they stay as they are. */
export function diffOf({ path, before, after }: Change): string {
  const [old, now] = [before?.text ?? "", after ?? ""];
  const [from, to] = [before === undefined ? "/dev/null" : path, after === undefined ? "/dev/null" : path];
  const lines = patchOf(from, to, old, now)?.split("\n");
  const isWhole = before === undefined || after === undefined;
  const isShort = isWhole || lines?.every((line) => line.startsWith(" ") || line.length <= longestLine);
  const shown = isShort && lines ? lines.map(cut).join("\n") : `--- ${from}\n+++ ${to}\n${excerpt(old, now)}`;
  return plainLines(shown).trimEnd();
}

/** A line beside the change, if it is one. */
function cut(line: string): string {
  return line.startsWith(" ") && line.length > longestLine ? `${line.slice(0, around)}…` : line;
}

function patchOf(from: string, to: string, old: string, now: string): string | undefined {
  return createTwoFilesPatch(from, to, old, now, undefined, undefined, {
    ...{ context, timeout: patienceMs, stripTrailingCr: true },
    headerOptions: FILE_HEADERS_ONLY,
  });
}

/** What differs between the common beginning and the common end, with a little of both. */
function excerpt(old: string, now: string): string {
  const shorter = Math.min(old.length, now.length);
  let start = 0;
  while (start < shorter && old[start] === now[start]) start += 1;
  let end = 0;
  while (end < shorter - start && old.at(-1 - end) === now.at(-1 - end)) end += 1;
  const part = (text: string) =>
    text.slice(Math.max(0, start - around), Math.min(text.length, text.length - end + around));
  const lines = (sign: string, text: string) =>
    part(text)
      .split(/\r?\n/)
      .map((line) => `${sign}…${line}…`)
      .join("\n");
  return `@@ from character ${start + 1} on @@\n${lines("-", old)}\n${lines("+", now)}`;
}
