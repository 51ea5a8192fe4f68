import { firstWord } from "./arguments/words.ts";

/** The file that the build makes of `everyday.ts`. The editor's package, which has to be small, is without it. */
export const everydayFile = "everyday.js";

/** Those that are in it; `overview` is what no verb means. */
export const everydayVerbs = ["overview", "start", "stop", "restart", "status", "logs", "wait"] as const;

/** @param argv the words after the program's name */
export function isEveryday(argv: readonly string[]): boolean {
  const verb = firstWord(argv) ?? "overview";
  return everydayVerbs.some((name) => name === verb);
}
