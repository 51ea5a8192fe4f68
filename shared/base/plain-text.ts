// The system's own function for it (`stripVTControlCharacters`) takes quadratic time for hostile texts.
/**
 * Escape sequences: CSI, strings with an end (OSC, DCS, titles), others. No part of one can be the beginning of another,
 * and every repetition without a bound stops where another could begin, so that a text costs its length.
 */
const escapes =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  /(?:\x1b\[|\x9b)[0-?]{0,256}[ -/]{0,8}[@-~]|(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x90\x98\x9c-\x9f]*(?:\x07|\x1b\\|\x9c)|\x1b[ -/]{0,8}[0-Z\\-~]/g;

/** Marks that change the order in which text is shown, and line ends that are no control characters. */
const marks = "\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069\\ufeff\\u{e0000}-\\u{e007f}";
const invisible = new RegExp(`[\\p{Cc}${marks}]`, "gu");

/** A text without escape sequences. Takes time that grows with its length only. */
export function withoutEscapes(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  return /[\x1b\x80-\x9f]/.test(text) ? text.replace(escapes, "") : text;
}

/**
 * Text of foreign origin (a command line, a directory, a server's output, an error) as one line that is safe to show:
 * escape sequences, control characters and marks of direction could move the cursor, or fake what a question says.
 */
export function plainText(text: string): string {
  return withoutEscapes(text).replaceAll("\t", "  ").replace(invisible, "\u{fffd}");
}

/** As {@link plainText}, of several lines. */
export function plainLines(text: string): string {
  return withoutEscapes(text).replaceAll("\r\n", "\n").split("\n").map(plainText).join("\n");
}
