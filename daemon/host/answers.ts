const esc = "\u001b";
const stringEnd = `(?:\u0007|${esc}\\\\)`;

/**
 * What terminals send by themselves: answers to questions for their state, size, colours and capabilities (xterm's
 * control sequences), and that they have or lost the focus.
 */
const answers = new RegExp(
  `^(?:${[
    `${esc}\\[[?>=]?[\\d;]*[cnRt]`,
    `${esc}\\[\\?[\\d;]*(?:u|\\$y)`,
    `${esc}\\[[IO]`,
    `${esc}\\][^\u0007${esc}]*${stringEnd}`,
    `${esc}P[^${esc}]*${esc}\\\\`,
  ].join("|")})+$`,
);

/** Whether no person typed this: every viewer's terminal answers a question that was asked once. */
export function isAnswer(input: string): boolean {
  return input.startsWith(esc) && answers.test(input);
}
