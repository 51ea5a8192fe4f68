/** The lines a block of ours begins and ends with. */
export interface Marks {
  readonly begin: string;
  readonly end: string;
}

export const markdownMarks: Marks = { begin: "<!-- devlatch -->", end: "<!-- /devlatch -->" };
export const tomlMarks: Marks = { begin: "# <devlatch>", end: "# </devlatch>" };

/** Where the block of a text is. */
export type Block =
  | { readonly kind: "none" }
  /** Offsets of its first character and behind its last. */
  | { readonly kind: "block"; readonly from: number; readonly to: number }
  /** A mark without its partner, or more than one of a kind. */
  | { readonly kind: "broken" };

/** Finds the block between the marks, each alone on its line. */
export function findBlock(text: string, { begin, end }: Marks): Block {
  const begins = linesOf(text, begin);
  const ends = linesOf(text, end);
  const [from] = begins;
  const [last] = ends;
  if (from === undefined && last === undefined) return { kind: "none" };
  if (from === undefined || last === undefined || last < from || begins.length + ends.length > 2)
    return { kind: "broken" };
  return { kind: "block", from, to: last + end.length };
}

/** Offsets of the lines that are just this. */
function linesOf(text: string, line: string): readonly number[] {
  const found: number[] = [];
  for (let at = text.indexOf(line); at >= 0; at = text.indexOf(line, at + 1)) {
    const before = text[at - 1];
    const after = text[at + line.length];
    if ((before === undefined || isBreak(before)) && (after === undefined || isBreak(after))) found.push(at);
  }
  return found;
}

function isBreak(character: string): boolean {
  return character === "\n" || character === "\r";
}

/**
 * Puts a block at the end of a text, behind an empty line, or in the place of the one that is there. The last line ends as
 * it did before: by that `takeBlock` makes the very same text of the result again.
 * @param text undefined where there is no file
 * @param lines what stands between the marks
 */
export function putBlock(text: string | undefined, lines: readonly string[], marks: Marks): string {
  const found = findBlock(text ?? "", marks);
  const eol = eolOf(found.kind === "block" ? text?.slice(found.from, found.to) : text);
  const block = [marks.begin, ...lines, marks.end].join(eol);
  if (text === undefined) return block + eol;
  if (found.kind === "block") return text.slice(0, found.from) + block + text.slice(found.to);
  if (text === "") return block;
  return text.endsWith("\n") ? text + eol + block + eol : text + eol + eol + block;
}

/**
 * Takes the block out: the undoing of {@link putBlock}.
 * @returns the text without it; undefined where the file is to go, as it was made for the block alone
 */
export function takeBlock(text: string, marks: Marks): string | undefined {
  const found = findBlock(text, marks);
  if (found.kind !== "block") return text;
  const before = text.slice(0, found.from);
  const after = text.slice(found.to);
  // The block's own: what is before it may end with half of another.
  const eol = eolOf(text.slice(found.from, found.to));
  if (before === "" && after === eol) return undefined;
  const shorter = withoutEnd(before, eol);
  if (after === "") return withoutEnd(shorter, eol);
  return shorter + (after.startsWith(eol) ? after.slice(eol.length) : after);
}

/** The first line end of a text; a line feed, where it has none. */
function eolOf(text = ""): string {
  return /\r\n|\n/.exec(text)?.[0] ?? "\n";
}

function withoutEnd(text: string, end: string): string {
  return text.endsWith(end) ? text.slice(0, -end.length) : text;
}
