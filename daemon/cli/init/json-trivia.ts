import { createScanner } from "jsonc-parser";

/** Kinds of tokens by number: the names are a `const enum`, which a build of single files can't see. */
const comma = 5;
const lineComment = 12;
const blockComment = 13;
const lineBreak = 14;
const trivia = 15;

/** What stands between two values of a JSON text, or behind the last one; offsets into the whole text. */
export interface Gap {
  /** Offset of its comma; undefined without one. */
  readonly comma: number | undefined;
  /** Where its last comma or comment ends; where it begins, if it has none: white space alone follows. */
  readonly blankFrom: number;
  /** Where the comma and the comments end that stand on the line the gap begins on. */
  readonly sameLine: { readonly offset: number; readonly isLineComment: boolean };
}

/**
 * Reads the gap between two offsets of a text that has no values in it.
 * @param from where the value before it ends
 * @param to where the next one, or the closing bracket, begins
 */
export function readGap(text: string, from: number, to: number): Gap {
  const scanner = createScanner(text.slice(from, to), false);
  let found: number | undefined;
  let blankFrom = from;
  let sameLine = { offset: from, isLineComment: false };
  let isSame = true;
  for (let kind: number = scanner.scan(); kind === comma || isTrivia(kind); kind = scanner.scan()) {
    const end = from + scanner.getTokenOffset() + scanner.getTokenLength();
    const isComment = kind === lineComment || kind === blockComment;
    if (kind === comma) {
      found = end - 1;
      // What follows a comma that stands on a line of its own belongs to that line.
      isSame = true;
    }
    if (kind === lineBreak) isSame = false;
    if (kind === comma || isComment) blankFrom = end;
    if (isSame && blankFrom === end) sameLine = { offset: end, isLineComment: kind === lineComment };
  }
  return { comma: found, blankFrom, sameLine };
}

function isTrivia(kind: number): boolean {
  return kind === lineComment || kind === blockComment || kind === lineBreak || kind === trivia;
}
