import { withoutEscapes } from "../../shared/base/plain-text.ts";

/** What moves the cursor within one line: carriage return, backspace, CSI C, D, G (cursor) and K (erase). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const movement = /\r|\x08|\x1b\[(\d*)([CDGK])/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const anyControl = /[\x00-\x08\x0b-\x1f\x7f-\x9f]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const anyControlButLineFeed = /[\x00-\x08\x0b-\x1f\x7f-\x9f]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const otherControls = /[\x00-\x08\x0a-\x1f\x7f-\x9f]/g;

/** Farthest column an escape sequence can move the cursor to; a hostile one must not cost memory. */
const lastColumn = 4096;

/**
 * One line of terminal output as a person would see it: what a carriage return, a backspace or an erase sequence
 * overwrote is gone (progress bars, spinners), all other escape sequences and control characters are removed.
 * Sequences that move to other lines can't be honoured here and are dropped.
 * @param line without its line feed
 */
export function renderLine(line: string): string {
  const end = line.endsWith("\r") ? line.length - 1 : line.length;
  const body = end === line.length ? line : line.slice(0, end);
  if (!anyControl.test(body)) return body;
  return canShrink(body) ? overwritten(body) : plain(body);
}

/** Whether these lines would be rendered as they are. */
export function isPlainText(text: string): boolean {
  return !anyControlButLineFeed.test(text);
}

/** Whether rendering could shorten this text before it is complete. */
export function canShrink(text: string): boolean {
  return text.search(movement) !== -1;
}

function plain(text: string): string {
  return withoutEscapes(text).replace(otherControls, "");
}

/** The columns of one line. A column without a character is blank: no move or erase costs the way it goes. */
interface Columns {
  readonly cells: string[];
  /** Columns before this one are blank since the last erase up to the cursor. */
  blankTo: number;
}

function overwritten(body: string): string {
  const columns: Columns = { cells: [], blankTo: 0 };
  let column = 0;
  let from = 0;
  for (const match of body.matchAll(movement)) {
    column = write(columns, column, body.slice(from, match.index));
    column = move(columns, column, match);
    from = match.index + match[0].length;
  }
  write(columns, column, body.slice(from));
  return Array.from(columns.cells, (cell) => cell ?? " ").join("");
}

function write(columns: Columns, column: number, text: string): number {
  let at = column;
  for (const cell of plain(text)) columns.cells[at++] = cell;
  if (at > column) columns.blankTo = Math.min(columns.blankTo, column);
  return at;
}

function move(columns: Columns, column: number, match: RegExpExecArray): number {
  if (match[0] === "\r") return 0;
  if (match[0] === "\b") return Math.max(0, column - 1);
  const number = match[1] ? Number(match[1]) : undefined;
  const far = Math.max(lastColumn, column);
  switch (match[2]) {
    case "C":
      return Math.min(far, column + (number || 1));
    case "D":
      return Math.max(0, column - (number || 1));
    case "G":
      return Math.min(far, (number || 1) - 1);
    default:
      erase(columns, column, number ?? 0);
      return column;
  }
}

/** @param mode 0: from the cursor on; 1: up to the cursor; 2: all */
function erase(columns: Columns, column: number, mode: number): void {
  const { cells, blankTo } = columns;
  if (mode === 2) cells.length = 0;
  else if (mode === 0) cells.length = Math.min(cells.length, column);
  else {
    cells.fill(" ", blankTo, column + 1);
    columns.blankTo = Math.max(blankTo, column + 1);
  }
}
