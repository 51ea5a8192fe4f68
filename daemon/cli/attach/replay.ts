const esc = "\u001b";
const end = `(?:\u0007|${esc}\\\\)`;

/**
 * What a terminal answers or does more than show: questions for its state, colours, size and name, and writing to the
 * clipboard.
 */
const acting = new RegExp(
  [
    "\u0005",
    `${esc}\\[[>=]?\\d*c`,
    `${esc}\\[\\??\\d+n`,
    `${esc}\\[\\??\\d+\\$p`,
    `${esc}\\[\\?u`,
    `${esc}\\[>\\d*q`,
    `${esc}\\[(?:1[1345689]|2[01])(?:;\\d+)*t`,
    `${esc}\\][^\u0007${esc}]*;\\?${end}`,
    `${esc}\\]52;[^\u0007${esc}]*${end}`,
    `${esc}P[+$]q[^${esc}]*${esc}\\\\`,
  ].join("|"),
  "g",
);

/**
 * Output of the past, as it can be shown again: the terminal that shows it answered its questions then, and an answer
 * now would reach the server as keys that weren't typed.
 */
export function replayable(output: string): string {
  return output.replace(acting, "");
}
