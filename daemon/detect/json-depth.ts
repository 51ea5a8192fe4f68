import { createScanner } from "jsonc-parser";

/** Kinds of tokens by number: the names are a `const enum`, which a build of single files can't see. */
const opens: ReadonlySet<number> = new Set([1, 3]);
const closes: ReadonlySet<number> = new Set([2, 4]);
const end = 17;

/** Deepest nesting that is read. Parsers call themselves for each level, and the stack ends at some thousands. */
export const deepest = 200;

/** Where a JSON text is nested deeper than it is read, as an offset; undefined where it isn't. */
export function tooDeepAt(text: string): number | undefined {
  const scanner = createScanner(text, true);
  let depth = 0;
  for (let token: number = scanner.scan(); token !== end; token = scanner.scan()) {
    if (opens.has(token)) depth += 1;
    if (closes.has(token)) depth -= 1;
    if (depth > deepest) return scanner.getTokenOffset();
  }
  return undefined;
}
