import { plainLines, plainText } from "../../shared/base/plain-text.ts";
import { spoken } from "../state/state-line.ts";

/** Most characters of a notification: the rest is in the output and the log. */
const longest = 1_000;

/**
 * A text as a notification may show it. The editor makes links of `[…](command:…)` in notifications, and runs the
 * command at one click: what a server wrote must not become one.
 */
export function noticeText(text: string): string {
  const line = spoken(plainText(text.replaceAll(/\s*\r?\n\s*/g, " ")));
  const short = line.length > longest ? `${line.slice(0, longest - 1)}…` : line;
  return short.replaceAll("](", "] (");
}

/** The details of a dialog: each line stands for itself, and none is a link. */
export function detailText(text: string): string {
  return spoken(plainLines(text)).replaceAll("](", "] (");
}
