import { fileURLToPath } from "node:url";
import type { SourcePlace, StackFrame } from "../../shared/model/output.ts";

/** What bundlers put in front of a file of the app: `webpack-internal:///(rsc)/./app/page.js`, `[project]/app/page.js`. */
const bundlerPrefix =
  /^(?:webpack-internal:\/\/\/|webpack:\/\/[^/]{0,60}\/)?(?:\([a-z-]{1,30}\)\/)?(?:\[project\]\/)?/;

/** A file as bundlers and runtimes name it, made a path: absolute, or relative to the app's directory. */
export function cleanFile(name: string): string {
  if (name.startsWith("file:///")) return pathOfUrl(name);
  const bare = name.replace(bundlerPrefix, "");
  return (bare.startsWith("./") ? bare.slice(2) : bare).replace(/\?[^/]*$/, "");
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
  const last = cutNumber(text);
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

/** `    at name (file:3:9)`, `    at file:3:9`: one call of a stack trace. */
export function parseFrame(line: string): StackFrame | undefined {
  const text = line.trim();
  if (!text.startsWith("at ")) return undefined;
  const body = (text.endsWith(" {") ? text.slice(3, -2) : text.slice(3)).replace(/^async /, "");
  const open = body.endsWith(")") ? body.lastIndexOf(" (") : -1;
  const place = parsePlace(open === -1 ? body : body.slice(open + 2, -1));
  if (place?.line === undefined) return undefined;
  const name = open === -1 ? "" : body.slice(0, open);
  return name === "" ? place : { name: name.slice(0, 200), ...place };
}

/** Whether a frame is of the app itself, not of the runtime or a dependency. */
export function isOwn({ file }: SourcePlace): boolean {
  return !/^(?:node:|internal\/|native$|<anonymous>)/.test(file) && !/[\\/]node_modules[\\/]/.test(file);
}
