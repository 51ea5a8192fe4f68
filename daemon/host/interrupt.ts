import type { Exit } from "../../shared/model/exit.ts";

/** Ctrl-C as terminals send it (ETX). */
const ctrlC = "\u0003";
/** How long after Ctrl-C a server's end still is what the person at its terminal wanted, in milliseconds. */
const closingDownMs = 10_000;

/** Knows whether a person at the terminal ended the command: many programs take Ctrl-C themselves and exit with a code. */
export class Interrupt {
  readonly #now: () => number;
  #at: number | undefined;

  /** @param now a monotonic clock, in milliseconds */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Takes note of what was typed; keys after Ctrl-C say that the server went on. */
  typed(data: string): void {
    this.#at = data.endsWith(ctrlC) ? this.#now() : undefined;
  }

  /** How it ended, which is by SIGINT where Ctrl-C led to it. */
  explain(exit: Exit): Exit {
    if (this.#at === undefined || exit.code === 0 || this.#now() - this.#at > closingDownMs) return exit;
    return { ...exit, signal: "SIGINT" };
  }
}
