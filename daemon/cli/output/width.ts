import cliTruncate from "cli-truncate";
import stringWidth from "string-width";
import { withoutEscapes } from "../../../shared/base/plain-text.ts";

/** Characters of one column each, which is nearly all there is: of these nothing has to be looked up. */
const narrow = /^[\x20-\x7e\xa1-\xac\xae-\u02ff…–│]*$/;

/** How many columns of a terminal a text takes: wide characters and emoji take two, escapes none. */
export function widthOf(text: string): number {
  const bare = withoutEscapes(text);
  return narrow.test(bare) ? bare.length : stringWidth(bare);
}

/** Text of at most so many columns: what is too long ends with an ellipsis. */
export function shorten(text: string, columns: number): string {
  return widthOf(text) <= columns ? text : cliTruncate(text, Math.max(columns, 1));
}

/** A path of at most so many columns: what is left out is in its middle, since where it begins and ends tells most. */
export function shortenPath(path: string, columns: number): string {
  return widthOf(path) <= columns ? path : cliTruncate(path, Math.max(columns, 1), { position: "middle" });
}

/** A text and spaces after it up to so many columns. */
export function padded(text: string, columns: number): string {
  return text + " ".repeat(Math.max(0, columns - widthOf(text)));
}
