import { styleText } from "node:util";
import { plainText } from "../../../shared/base/plain-text.ts";
import { takesColours } from "./colours.ts";

type Format = Parameters<typeof styleText>[0];

/** Colours text for one stream, where that takes colours. */
export interface Paint {
  (format: Format, text: string): string;
  /** Columns of the terminal the text is for; undefined where it is none, and lines are as long as they are. */
  readonly columns?: number | undefined;
}

/** @param stream gives it when it is first used */
export function paintFor(stream: () => NodeJS.WriteStream, env: NodeJS.ProcessEnv): Paint {
  let colours: boolean | undefined;
  const paint = (format: Format, text: string) => {
    colours ??= takesColours(stream().isTTY, env);
    return colours ? styleText(format, text, { validateStream: false }) : text;
  };
  return Object.defineProperty(paint, "columns", { get: () => columnsOf(stream()) });
}

/** The same where so many columns of a line are taken already. */
export function indented(paint: Paint, by: number): Paint {
  const columns = paint.columns === undefined ? undefined : Math.max(paint.columns - by, 1);
  return Object.assign((format: Format, text: string) => paint(format, text), { columns });
}

/** The same where nothing may be left out: what is agreed to is shown whole. */
export function uncut(paint: Paint): Paint {
  return Object.assign((format: Format, text: string) => paint(format, text), { columns: undefined });
}

/** A terminal that doesn't know its size says 0. */
function columnsOf({ isTTY, columns }: NodeJS.WriteStream): number | undefined {
  return isTTY ? columns || 80 : undefined;
}

/** Text of foreign origin made safe to show, on one line. */
export const printable = plainText;

/** Line feeds, and what {@link paintFor} writes. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is looked for
const ours = /(\n|\x1b\[(?:0|[1-4]|2[234]|3[0-7]|39|9[0-7])m)/;

/**
 * What is about to be written to a terminal, made safe: of all that isn't text only line feeds and colours are left. Each
 * part of a text that comes from others is {@link printable} already; this is for the one that was forgotten.
 */
export function shown(text: string): string {
  return text
    .split(ours)
    .map((part, index) => (index % 2 === 1 ? part : plainText(part)))
    .join("");
}

/** JSON with everything escaped that a terminal could take for more than text. */
export function shownJson(json: string): string {
  return json.replace(/[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g, escaped);
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** `2026-03-01 23:59:58` in this machine's time zone. @param time milliseconds since the epoch */
export function localTime(time: number): string {
  const date = new Date(time);
  const two = (number: number) => String(number).padStart(2, "0");
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join("-");
  return `${day} ${[date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(":")}`;
}
