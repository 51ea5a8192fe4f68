import { plainText } from "../../shared/base/plain-text.ts";

/** More marks than this on one plot can't be told apart. */
export const mostMarks = 100;
const longestText = 300;

/** Text of foreign origin as a page shows it: plain, of one line, and bounded. */
export function textOf(text: string): string {
  return plainText(text.slice(0, longestText));
}
