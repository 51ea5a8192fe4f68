import { firstWord } from "./arguments/words.ts";

/** Those that are in one file, see `everyday.ts`; `overview` is what no verb means. */
export const everydayVerbs = ["overview", "start", "stop", "restart", "status", "logs", "wait"] as const;

/** @param argv the words after the program's name */
export function isEveryday(argv: readonly string[]): boolean {
  const verb = firstWord(argv) ?? "overview";
  return everydayVerbs.some((name) => name === verb);
}
