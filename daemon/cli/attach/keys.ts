const esc = "\u001b";

/**
 * Ctrl-], also as terminals send it that a program asked for unambiguous keys: kitty's protocol (with caps or num lock
 * on, too) and xterm's modifyOtherKeys.
 */
const detach = new RegExp(`\u001d|${esc}\\[93(?::\\d*)*;(?:5|69|133|197)(?::1)?u|${esc}\\[27;5;93~`);
/** Ctrl-C, Ctrl-D and Ctrl-]: what a person tries who wants out. */
const leave = ["\u0003", "\u0004", "\u001d"];

/** What was typed before the key that detaches, and whether that key was there. */
export function splitAtDetach(typed: string): { readonly before: string; readonly detaches: boolean } {
  const at = typed.search(detach);
  return at < 0 ? { before: typed, detaches: false } : { before: typed.slice(0, at), detaches: true };
}

/** Whether the user wants out while there is no server to type to. */
export function wantsOut(typed: string): boolean {
  return leave.some((key) => typed.includes(key));
}
