const esc = "\u001b";

/**
 * A control key, also as terminals send it that a program asked for unambiguous keys: kitty's protocol (with caps or num
 * lock on, too) and xterm's modifyOtherKeys.
 * @param plain as terminals send it by themselves
 * @param code of the key without Ctrl
 */
function controlKey(plain: string, code: number): string {
  return `${plain}|${esc}\\[${code}(?::\\d*)*;(?:5|69|133|197)(?::1)?u|${esc}\\[27;5;${code}~`;
}

/** What a key of this terminal means to the command line itself. */
export type OwnKey = "leave" | "suspend";

/** What was typed before the first own key, and which that was; what follows it is dropped. */
export interface SplitKeys {
  readonly before: string;
  readonly key?: OwnKey;
}

const detach = new RegExp(`(?<leave>${controlKey("\u001d", 93)})`);
const terminals = new RegExp(
  `(?<leave>${controlKey("\u0003", 99)})|(?<suspend>${controlKey("\u001a", 122)})`,
);
/** Ctrl-C, Ctrl-D and Ctrl-]: what a person tries who wants out. */
const leave = ["\u0003", "\u0004", "\u001d"];

/** Ctrl-] leaves, everything else is the session's. */
export function splitAtDetach(typed: string): SplitKeys {
  return splitAt(detach, typed);
}

/** The keys that mean a program in the foreground as such, as they do without a session: Ctrl-C and Ctrl-Z. */
export function splitAtSignals(typed: string): SplitKeys {
  return splitAt(terminals, typed);
}

function splitAt(own: RegExp, typed: string): SplitKeys {
  const found = own.exec(typed);
  if (!found) return { before: typed };
  const key = found.groups?.["suspend"] === undefined ? "leave" : "suspend";
  return { before: typed.slice(0, found.index), key };
}

/** Whether the user wants out while there is no server to type to. */
export function wantsOut(typed: string): boolean {
  return leave.some((key) => typed.includes(key));
}
