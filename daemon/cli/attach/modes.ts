const esc = "\u001b";
/** A sequence that changes how a terminal behaves: a reset, the keypad, or a control sequence with its parameters. */
const sequence = new RegExp(
  `${esc}(?:(?<single>[c=>])|\\[(?<marker>[?<>=]?)(?<given>[\\d;:]*)(?<final> q|[hlmru]))`,
  "g",
);
/** What may be the beginning of one that the next output completes. */
const unfinished = new RegExp(`${esc}(?:\\[[?<>=]?[\\d;:]{0,64} ?)?$`);

/** DEC private modes that are on in a terminal as it comes: wrapping, key repeat, the cursor. */
const onAtFirst = new Set(["7", "8", "25"]);
/** The alternate screen, left last: the modes of the other one are restored with it. */
const alternateScreens = new Set(["47", "1047", "1049"]);

/**
 * What a program changed about the terminal it writes to (xterm's control sequences, and kitty's for keys), so that it
 * can be undone for the next program in the terminal.
 */
export class Modes {
  /** How to undo each change, in the order they were made. */
  readonly #undo = new Map<string, string>();
  #alternate: string | undefined;
  /** Entries on kitty's stack of keyboard modes. */
  #keyboards = 0;
  #unfinished = "";

  /** Reads what goes to the terminal; it may be cut anywhere. */
  read(output: string): void {
    const text = this.#unfinished + output;
    for (const { groups } of text.matchAll(sequence)) this.#take(groups ?? {});
    this.#unfinished = unfinished.exec(text)?.[0] ?? "";
  }

  /** The sequences that undo everything so far; colours and a string left open included. */
  undo(): string {
    const keyboards = this.#keyboards > 0 ? [`${esc}[<${this.#keyboards}u`] : [];
    const alternate = this.#alternate === undefined ? [] : [`${esc}[?${this.#alternate}l`];
    const all = [`${esc}\\`, ...this.#undo.values(), ...keyboards, ...alternate, `${esc}(B${esc}[m`];
    this.#forget();
    return all.join("");
  }

  #take({ single, marker = "", given = "", final = "" }: Partial<Record<string, string>>): void {
    if (single === "c") this.#forget();
    else if (single !== undefined) this.#change("keypad", single === "=" ? `${esc}>` : undefined);
    else if (marker === "?") for (const mode of given.split(";")) this.#switch(mode, final);
    else this.#adjust(marker, given, final);
  }

  /** DECSET and DECRST. */
  #switch(mode: string, final: string): void {
    if (final !== "h" && final !== "l") return;
    const on = final === "h";
    if (alternateScreens.has(mode)) this.#alternate = on ? mode : undefined;
    else if (on === onAtFirst.has(mode)) this.#change(mode, undefined);
    else this.#change(mode, `${esc}[?${mode}${on ? "l" : "h"}`);
  }

  #adjust(marker: string, given: string, final: string): void {
    const kind = `${marker}${final}`;
    if (kind === "r") this.#change("margins", given === "" ? undefined : `${esc}7${esc}[r${esc}8`);
    if (kind === " q") this.#change("cursor", `${esc}[0 q`);
    if (kind === ">m" && given.startsWith("4")) this.#change("keys", `${esc}[>4m`);
    if (kind === "=u") this.#change("keyboard", `${esc}[=0u`);
    if (kind === ">u") this.#keyboards++;
    if (kind === "<u") this.#keyboards = Math.max(0, this.#keyboards - (Number(given) || 1));
  }

  #change(what: string, undo: string | undefined): void {
    this.#undo.delete(what);
    if (undo !== undefined) this.#undo.set(what, undo);
  }

  #forget(): void {
    this.#undo.clear();
    this.#alternate = undefined;
    this.#keyboards = 0;
  }
}
