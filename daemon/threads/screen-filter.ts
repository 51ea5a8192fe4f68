/** Longest line that can be a frame of a spinner, in bytes. */
const longestFrame = 400;
/** Most bytes held back because they may be overwritten. */
const mostHeld = 4 * 1024;

// Over text whose characters are the bytes. Every pattern is bounded, and looked for at one place only.
/** What changes colour, hides the cursor, or brackets a frame. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is looked for
const styled = /(?:\x1b\[[0-9;?]{0,20}[mhl])*/y;
/** What moves the cursor to where the frame is drawn, too. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is looked for
const drawn = /(?:\x1b\[[0-9;?]{0,20}[mhlAGK])*/y;
/** A move up or to the first cell, or erasing a line or what follows: what stood before is overwritten. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is looked for
const overwriting = /\x1b(?:c|\[(?:2K|[1-9]\d{0,3}A|A|(?:[01]?;[01]?|1)?[Hf]|[23]?J))/y;
/** The beginning of such a sequence, at the end of what has come so far. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is looked for
const unfinished = /(?:\x1b(?:\[[0-9;?]{0,20})?)?$/y;
/** A braille pattern in UTF-8: what spinners are drawn with. */
const spinner = /\xe2[\xa0-\xa3][\x80-\xbf]/y;

/** What may yet become an empty line or a frame. */
const begun =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is looked for
  /(?:\x1b\[[0-9;?]{0,20}[mhlAGK])*(?:\r*|\x1b(?:\[[0-9;?]{0,20})?|\xe2(?:[\xa0-\xa3](?:[\x80-\xbf][^\n]*)?)?)$/y;

const lineFeed = 10;
const carriageReturn = 13;
const escapeByte = 0x1b;
const bracket = 0x5b;
/** What an empty line or a frame can begin with. */
const passingBytes = new Set([lineFeed, carriageReturn, escapeByte, 0xe2]);
/** The last bytes of sequences that are {@link styled}: `h`, `l` and `m`. */
const styling = new Set([0x68, 0x6c, 0x6d]);

/**
 * Takes out of a terminal's output what isn't meant to be read: the empty lines with which a screen is scrolled away
 * before it is cleared (Vite), and the frames of spinners that move up to draw the next one. Such lines at the end of
 * what has come are held back until it is known what follows.
 */
export class ScreenFilter {
  #held = "";
  /** Whether a line begins here. */
  #isBetween = true;

  /** @returns what is left to be read, less what is held back */
  filter(bytes: Uint8Array): Uint8Array {
    if (bytes.length === 0) return bytes;
    if (this.#held === "" && !mayOverwrite(bytes) && !this.#endsHeld(bytes)) {
      this.#isBetween = bytes[bytes.length - 1] === lineFeed;
      return bytes;
    }
    const wasHeld = this.#held !== "";
    const text = this.#held + Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
    const left = this.#leftOf(text);
    return !wasHeld && left === text ? bytes : Buffer.from(left, "latin1");
  }

  /** The output is over. @returns what was held back */
  end(): Uint8Array {
    const held = Buffer.from(this.#held, "latin1");
    this.#held = "";
    this.#isBetween = true;
    return held;
  }

  #leftOf(text: string): string {
    this.#held = "";
    let left = "";
    let at = this.#isBetween ? 0 : lineEnd(text, 0);
    /** Where the text begins that isn't decided on: it ends at `at`, with lines that may be overwritten. */
    let from = 0;
    let run = at;
    for (;;) {
      const follows = run === at ? "other" : whatFollows(text, at);
      if (follows === "unknown" && text.length - run <= mostHeld) return this.#hold(text, left, from, run);
      if (follows === "overwriting") {
        left += text.slice(from, run);
        from = at;
        run = at;
      }
      const end = text.indexOf("\n", at);
      if (end === -1) {
        const mayPass = at < text.length && text.length - at <= longestFrame && matches(begun, text, at);
        if (mayPass && (this.#isBetween || at > 0) && text.length - run <= mostHeld)
          return this.#hold(text, left, from, run);
        break;
      }
      const passes = isPassing(text, at, end);
      at = end + 1;
      if (!passes) run = at;
    }
    this.#isBetween = text.endsWith("\n") || (text === "" && this.#isBetween);
    return left + text.slice(from);
  }

  #hold(text: string, left: string, from: number, run: number): string {
    this.#held = text.slice(run);
    this.#isBetween = true;
    return left + text.slice(from, run);
  }

  /** Whether the last line may be overwritten, or become one that may. */
  #endsHeld(bytes: Uint8Array): boolean {
    if (bytes[bytes.length - 1] !== lineFeed) {
      const start = bytes.lastIndexOf(lineFeed) + 1;
      const first = bytes[start] ?? 0;
      if (!passingBytes.has(first) || bytes.length - start > longestFrame) return false;
      return matches(begun, Buffer.from(bytes.subarray(start)).toString("latin1"), 0);
    }
    const before = bytes.subarray(0, -1).lastIndexOf(lineFeed);
    if (before === -1 && !this.#isBetween) return false;
    const line = bytes.subarray(before + 1);
    if (line.length > longestFrame) return false;
    return isPassing(Buffer.from(line).toString("latin1"), 0, line.length - 1);
  }
}

function lineEnd(text: string, from: number): number {
  const end = text.indexOf("\n", from);
  return end === -1 ? text.length : end + 1;
}

/** Whether there is an escape sequence that does more than style. Most output has none: that is seen without a copy. */
function mayOverwrite(bytes: Uint8Array): boolean {
  for (let at = bytes.indexOf(escapeByte); at !== -1; at = bytes.indexOf(escapeByte, at)) {
    if (bytes[at + 1] !== bracket) return true;
    at += 2;
    while (isParameter(bytes[at])) at++;
    if (!styling.has(bytes[at] ?? 0)) return true;
  }
  return false;
}

/** Digits, `;`, `?` and their like (ECMA-48, 5.4). */
function isParameter(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x3f;
}

/** Whether a line is empty, or a frame of a spinner. */
function isPassing(text: string, start: number, end: number): boolean {
  if (!passingBytes.has(text.charCodeAt(start))) return false;
  if (end - start > longestFrame) return false;
  if (matches(spinner, text, afterMatch(drawn, text, start))) return true;
  let at = afterMatch(styled, text, start);
  while (text.charCodeAt(at) === carriageReturn) at++;
  return at === end;
}

function whatFollows(text: string, at: number): "overwriting" | "unknown" | "other" {
  const behind = afterMatch(styled, text, at);
  if (matches(overwriting, text, behind)) return "overwriting";
  return matches(unfinished, text, behind) ? "unknown" : "other";
}

function matches(pattern: RegExp, text: string, at: number): boolean {
  pattern.lastIndex = at;
  return pattern.test(text);
}

function afterMatch(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}
