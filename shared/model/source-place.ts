import { fileURLToPath } from "node:url";
import type { SourcePlace } from "./output.ts";

/**
 * What bundlers put in front of a file of the app: `webpack-internal:///(rsc)/./app/page.js`, `[project]/app/page.js`.
 */
const bundlerPrefix =
  /^(?:webpack-internal:\/\/\/|webpack:\/\/[^/]{0,60}\/)?(?:\([a-z-]{1,30}\)\/)?(?:\[project\]\/)?/;

/** A file as bundlers and runtimes name it, made a path: absolute, or relative to the app's directory. */
export function cleanFile(name: string): string {
  if (name.startsWith("file:///")) return pathOfUrl(name);
  const bare = name.replace(bundlerPrefix, "");
  return (bare.startsWith("./") ? bare.slice(2) : bare).replace(/\?[^/]*$/, "");
}

/**
 * A file that is named from `directory`, named from where the directory itself is. Some tools name one of a package
 * from the workspace's root already, as Next does with Turbopack.
 * @param directory relative, with slashes
 */
export function fileFrom(directory: string, file: string): string {
  const isWhole = /^(?:[\\/]|[A-Za-z]:[\\/])|:\/\//.test(file) || file.startsWith(`${directory}/`);
  return isWhole ? file : `${directory}/${file}`;
}

function pathOfUrl(url: string): string {
  try {
    return fileURLToPath(url);
  } catch {
    return url;
  }
}

/**
 * `src/a.ts:3:9`, `src/a.ts:3`, `src/a.ts` as a place. By hand, from the end: names may hold colons and spaces, and a
 * hostile line must cost no more than its length.
 */
export function parsePlace(text: string): SourcePlace | undefined {
  // esbuild counts columns from 0.
  const last = cutNumber(text.replace(/:0$/, ":1"));
  if (last === undefined) return text === "" ? undefined : { file: cleanFile(text) };
  const before = cutNumber(last.rest);
  const rest = before?.rest ?? last.rest;
  if (rest === "") return undefined;
  const file = cleanFile(rest);
  return before === undefined
    ? { file, line: last.number }
    : { file, line: before.number, column: last.number };
}

function cutNumber(text: string): { rest: string; number: number } | undefined {
  const colon = text.lastIndexOf(":");
  const digits = text.slice(colon + 1);
  if (colon === -1 || !/^\d{1,7}$/.test(digits) || Number(digits) === 0) return undefined;
  return { rest: text.slice(0, colon), number: Number(digits) };
}

/** A place in a piece of text. */
export interface FoundPlace {
  readonly place: SourcePlace;
  /** Where it stands, in characters from 0. */
  readonly start: number;
  readonly length: number;
}

/** Longest part of a line that is searched, in characters. */
const longestLine = 2_000;
/** Places with a line that stand in one word: `src/a.ts:3:9`, `src/a.ts(3,9)`. */
const words = /[^\s"'`<>[\]|│]{3,500}/g;

/** The places in a line that name a file with an extension and a line in it. */
export function placesIn(line: string): FoundPlace[] {
  return [...line.slice(0, longestLine).matchAll(words)].flatMap(({ 0: word, index }) => {
    // A stack names its place in brackets; a sentence ends behind it.
    const open = word.startsWith("(") ? 1 : 0;
    const bare = word
      .slice(open)
      .replace(/[),.:;]+$/, (end, at: number) => keptEnd(word.slice(open), end, at));
    const paired = /^(.{1,490})\((\d{1,7}),(\d{1,7})\)$/.exec(bare);
    const place = parsePlace(paired ? `${paired[1]}:${paired[2]}:${paired[3]}` : bare);
    if (place?.line === undefined || !/\.[A-Za-z]\w{0,9}$/.test(place.file) || place.file.includes("://"))
      return [];
    return [{ place, start: index + open, length: bare.length }];
  });
}

/** The bracket that closes `(3,9)` belongs to the place. */
function keptEnd(word: string, end: string, at: number): string {
  return end.startsWith(")") && /\(\d{1,7},\d{1,7}$/.test(word.slice(0, at)) ? ")" : "";
}
