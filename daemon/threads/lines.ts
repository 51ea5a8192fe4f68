import { canShrink, isPlainText, renderLine } from "./render.ts";
import { ScreenFilter } from "./screen-filter.ts";

/** Longest text of one message, in UTF-16 code units; a longer line becomes several messages. */
export const maxMessageLength = 64 * 1024;

/** Longest escape sequence that is kept whole when a line is cut, in code units. */
const maxEscapeLength = 256;

export const lineFeed = 10;
const encoding = ["utf-8", { ignoreBOM: true }] as const;

/** What a piece of output comes to, in its order. */
export interface Taken {
  /** Lines that began before the piece, rendered. */
  readonly before: readonly string[];
  /** Lines that are whole in it, each with its line feed, for {@link readWhole}: nothing around them matters. */
  readonly whole: Uint8Array;
  /** What of the last line, which isn't complete yet, is too long for one message. */
  readonly after: readonly string[];
}

const nothing = new Uint8Array(0);

/**
 * Turns raw terminal output, in pieces of any size, into lines of text. Characters and escape sequences split over
 * two pieces come out whole; bytes that aren't UTF-8 become U+FFFD. Lines that are overwritten before anything else is
 * written are left out ({@link ScreenFilter}). Holds at most one message's worth of text.
 */
export class LineReader {
  readonly #screen = new ScreenFilter();
  readonly #decoder = new TextDecoder(...encoding);
  #rest = "";
  /** Whether what was taken so far ended with a line. */
  #isBetween = true;

  /** The text of the line that isn't complete yet, as it was written. */
  get rest(): string {
    return this.#rest;
  }

  /** @returns the lines completed by these bytes, rendered */
  push(bytes: Uint8Array): string[] {
    return this.#push(this.#screen.filter(bytes));
  }

  /** As {@link push}, but leaves the work with whole lines to another thread, which may have more time. */
  take(written: Uint8Array): Taken {
    const bytes = this.#screen.filter(written);
    const last = bytes.lastIndexOf(lineFeed);
    if (last === -1) {
      this.#isBetween &&= bytes.length === 0;
      return { before: this.#push(bytes), whole: nothing, after: [] };
    }
    const from = this.#isBetween ? 0 : bytes.indexOf(lineFeed) + 1;
    this.#isBetween = last + 1 === bytes.length;
    return {
      before: this.#push(bytes.subarray(0, from)),
      whole: bytes.subarray(from, last + 1),
      after: this.#push(bytes.subarray(last + 1)),
    };
  }

  /** Ends the line under way. @returns its text, if there is any */
  end(): string[] {
    const lines = this.#push(this.#screen.end());
    lines.push(...this.#take(this.#decoder.decode()));
    if (this.#rest !== "") pushCut(lines, renderLine(this.#rest));
    this.#rest = "";
    this.#isBetween = true;
    return lines;
  }

  #push(bytes: Uint8Array): string[] {
    return this.#take(this.#decoder.decode(bytes, { stream: true }));
  }

  #take(text: string): string[] {
    const whole = this.#rest + text;
    const end = whole.lastIndexOf("\n");
    this.#rest = whole.slice(end + 1);
    const lines = end === -1 ? [] : renderLines(whole.slice(0, end));
    if (this.#rest.length > maxMessageLength) this.#rest = shorten(this.#rest, lines);
    return lines;
  }
}

/** Whole lines: as one text with a line feed between two, where they are seen as they were written, else one by one. */
export type Whole =
  | { readonly kind: "plain"; readonly text: string }
  | { readonly kind: "rendered"; readonly texts: readonly string[] };

/** @param lines as {@link LineReader.take} leaves them */
export function readWhole(lines: Uint8Array): Whole {
  const text = new TextDecoder(...encoding).decode(lines.subarray(0, -1));
  const body = withoutReturns(text);
  if (isPlainText(body) && !hasLongLine(body)) return { kind: "plain", text: body };
  return { kind: "rendered", texts: renderLines(text) };
}

function hasLongLine(text: string): boolean {
  for (let from = 0; text.length - from > maxMessageLength; ) {
    const end = text.lastIndexOf("\n", from + maxMessageLength);
    if (end < from) return true;
    from = end + 1;
  }
  return false;
}

/** How many they are. @param lines as {@link LineReader.take} leaves them */
export function countWhole(lines: Uint8Array): number {
  let count = 0;
  for (let at = lines.indexOf(lineFeed); at !== -1; at = lines.indexOf(lineFeed, at + 1)) count++;
  return count;
}

/** Complete lines, rendered. Most output is plain: that is seen in one go, and its lines need no look of their own. */
function renderLines(text: string): string[] {
  const body = withoutReturns(text);
  const isPlain = isPlainText(body);
  const pieces = isPlain ? body.split("\n") : text.split("\n").map(renderLine);
  if (pieces.every(({ length }) => length <= maxMessageLength)) return pieces;
  const lines: string[] = [];
  for (const piece of pieces) pushCut(lines, piece);
  return lines;
}

/** A terminal ends lines with CR LF. */
function withoutReturns(text: string): string {
  const unix = text.replaceAll("\r\n", "\n");
  return unix.endsWith("\r") ? unix.slice(0, -1) : unix;
}

/** The lines of text left unfinished by a launch whose host was killed. */
export function finishLine(rest: string): string[] {
  const lines: string[] = [];
  if (rest !== "") pushCut(lines, renderLine(rest));
  return lines;
}

/** Cuts what is too long off an incomplete line and adds it to `lines`. @returns the rest */
function shorten(text: string, lines: string[]): string {
  let rest = text;
  // A progress bar that only ever returns to column 0 grows without bound as written, not as seen.
  const returned = rest.lastIndexOf("\r");
  if (returned > 0 && canShrink(rest)) {
    rest = `${renderLine(rest.slice(0, returned))}\r${rest.slice(returned + 1)}`;
  }
  while (rest.length > maxMessageLength) {
    const at = cutPosition(rest);
    lines.push(renderLine(rest.slice(0, at)));
    rest = rest.slice(at);
  }
  return rest;
}

function pushCut(lines: string[], line: string): void {
  let rest = line;
  while (rest.length > maxMessageLength) {
    const at = cutPosition(rest);
    lines.push(rest.slice(0, at));
    rest = rest.slice(at);
  }
  lines.push(rest);
}

/** Where to cut without breaking a surrogate pair or an escape sequence. */
function cutPosition(text: string): number {
  const lastEscape = text.lastIndexOf("\u001b", maxMessageLength - 1);
  if (lastEscape > maxMessageLength - maxEscapeLength) return lastEscape;
  const last = text.charCodeAt(maxMessageLength - 1);
  return last >= 0xd800 && last <= 0xdbff ? maxMessageLength - 1 : maxMessageLength;
}
