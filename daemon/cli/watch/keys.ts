/** What a key means on the screen of `status --watch`. */
export type Key = "up" | "down" | "start" | "stop" | "restart" | "logs" | "yes" | "back" | "leave" | "other";

/** More keys than a person types at once: a paste does no more. */
const mostKeys = 32;
/** An escape sequence of a key (ECMA-48, and the older SS3), or one character. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is looked for
const one = /\x1b\[[\d;:]{0,32}[A-Za-z~]|\x1bO[A-Z]|[\s\S]/gu;

const meanings: Readonly<Record<string, Key>> = {
  "\u001b[A": "up",
  "\u001bOA": "up",
  k: "up",
  "\u001b[B": "down",
  "\u001bOB": "down",
  j: "down",
  s: "start",
  x: "stop",
  r: "restart",
  l: "logs",
  "\r": "logs",
  y: "yes",
  "\u001b": "back",
  q: "leave",
  "\u0003": "leave",
  "\u0004": "leave",
  // Ctrl-C as a terminal sends it that was left with unambiguous keys on (kitty's protocol).
  "\u001b[99;5u": "leave",
};

/** The keys of what a terminal sent at once. */
export function keysOf(typed: string): readonly Key[] {
  const found: Key[] = [];
  for (const [text] of typed.matchAll(one)) {
    if (found.length === mostKeys) break;
    found.push(Object.hasOwn(meanings, text) ? (meanings[text] ?? "other") : "other");
  }
  return found;
}
