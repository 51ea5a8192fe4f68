import { stripVTControlCharacters, styleText } from "node:util";

type Format = Parameters<typeof styleText>[0];

/** Colours text for one stream: not where it isn't a terminal, and never against NO_COLOR. */
export type Paint = (format: Format, text: string) => string;

export function paintFor(stream: NodeJS.WriteStream): Paint {
  return (format, text) => styleText(format, text, { stream });
}

/**
 * Text of foreign origin (a command line, a directory, a server's output) made safe to show: escape sequences and
 * control characters could move the cursor or fake what a question says.
 */
export function printable(text: string): string {
  return stripVTControlCharacters(text)
    .replaceAll("\t", "  ")
    .replace(/\p{Cc}/gu, "\u{fffd}");
}

/** Cuts text to `length` characters, the last of them an ellipsis. */
export function shorten(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}

/** `2026-03-01 23:59:58` in this machine's time zone. @param time milliseconds since the epoch */
export function localTime(time: number): string {
  const date = new Date(time);
  const two = (number: number) => String(number).padStart(2, "0");
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join("-");
  return `${day} ${[date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(":")}`;
}
