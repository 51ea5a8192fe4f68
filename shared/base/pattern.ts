import type { RE2JS } from "re2js";
import { DevlatchError } from "./errors.ts";

/** Longest pattern that is taken, in characters. */
export const maxPatternLength = 1_000;
/** Most steps of the compiled pattern: each character of a text costs up to so many. */
const maxSteps = 500;

/** A pattern from a file or a caller, ready to be used. Testing takes time that grows with the text's length only. */
export interface Pattern {
  test(text: string): boolean;
}

/** A pattern, or what is wrong with it: `what` goes on after its name, `remedy` is a sentence. */
export type PatternReading =
  | { readonly kind: "pattern"; readonly pattern: Pattern }
  | { readonly kind: "refused"; readonly what: string; readonly remedy: string };

/** What JavaScript's own engine knows and this one doesn't, by what is written. */
const unsupported: readonly (readonly [syntax: RegExp, what: string, remedy: string])[] = [
  [/\(\?<?[=!]/, "looks ahead or behind", "Write out the text before and after instead: Ready in \\d+."],
  [/\\[1-9]|\\k</, "refers back to a group", "Write out what comes again: (a|b) and (a|b)."],
];

/**
 * Compiles a pattern that doesn't come from this program, for an engine without backtracking: JavaScript's own can be
 * kept busy for hours by a pattern of ten characters. The engine is loaded with the first pattern.
 * @param source a regular expression as JavaScript has it, less what needs backtracking
 */
export async function readPattern(source: string): Promise<PatternReading> {
  if (source.length > maxPatternLength) {
    const what = `has ${source.length} characters, more than ${maxPatternLength}`;
    return { kind: "refused", what, remedy: "Shorten it: a part of the line will do." };
  }
  const engine = await import("re2js");
  try {
    const compiled: RE2JS = engine.RE2JS.compile(engine.RE2JS.translateRegExp(source));
    if (compiled.programSize() <= maxSteps) return { kind: "pattern", pattern: compiled };
  } catch (error) {
    return refusal(source, error);
  }
  const remedy = "Use smaller numbers of repetitions, or * and +.";
  return { kind: "refused", what: "repeats too much", remedy };
}

/**
 * As {@link readPattern}, for a caller's request.
 * @param name what the pattern is called where it was written, e.g. `--grep`
 * @throws DevlatchError `INVALID_INPUT` that names it and says what to write instead
 */
export async function compilePattern(source: string, name: string): Promise<Pattern> {
  const reading = await readPattern(source);
  if (reading.kind === "pattern") return reading.pattern;
  throw new DevlatchError("INVALID_INPUT", `${name} ${reading.what}.`, reading.remedy);
}

function refusal(source: string, error: unknown): PatternReading {
  const known = unsupported.find(([syntax]) => syntax.test(source));
  if (known) {
    const what = `${known[1]}, which patterns here can't do (they are matched in linear time)`;
    return { kind: "refused", what, remedy: known[2] };
  }
  const words = (error instanceof Error ? error.message : String(error)).replace(
    /^error parsing regexp: /,
    "",
  );
  const remedy = "Escape special characters with a backslash, e.g. \\( for a parenthesis.";
  return { kind: "refused", what: `isn't a regular expression: ${words}`, remedy };
}
