import { setImmediate } from "node:timers/promises";
import type { DevlatchError } from "../../shared/base/errors.ts";
import { invalidFile } from "./problem.ts";

/** Entries of directories, patterns and commands that one question may look at: those of a monorepo of thousands. */
const mostEntries = 200_000;
/** How long it may take, in milliseconds. */
const mostMs = 8_000;
/** Entries after which everything else in this process has its turn. */
const turnEntries = 500;

/** What is looked at: where it is written, what it does there, and what to do if that is too much. */
export interface Spender {
  readonly file: string;
  /** Follows the path in a sentence. */
  readonly what: string;
  readonly remedy: string;
}

export interface BudgetLimits {
  readonly entries?: number;
  /** Milliseconds. */
  readonly ms?: number;
  /** A clock that only goes forward, in milliseconds. */
  readonly now?: () => number;
}

/**
 * What one question about a project may cost. A pattern such as `**` in a huge tree, or scripts that call each other,
 * must neither hang the daemon nor be answered by half: where the budget ends, the question is refused in words.
 */
export class Budget {
  readonly #entries: number;
  readonly #ms: number;
  readonly #now: () => number;
  readonly #begun: number;
  #spent = 0;
  #nextTurn = turnEntries;
  #refusal: DevlatchError | undefined;

  constructor({ entries = mostEntries, ms = mostMs, now = () => performance.now() }: BudgetLimits = {}) {
    this.#entries = entries;
    this.#ms = ms;
    this.#now = now;
    this.#begun = now();
  }

  /** Entries looked at so far. */
  get spent(): number {
    return this.#spent;
  }

  /**
   * Pays before looking.
   * @param by told only where the budget ends
   * @throws DevlatchError `CONFIG_INVALID` from where the budget ends on: of whatever was looked at then
   */
  async spend(count: number, by: () => Spender): Promise<void> {
    this.#spent += count;
    if (this.#refusal !== undefined) throw this.#refusal;
    const late = this.#now() - this.#begun > this.#ms;
    if (late || this.#spent > this.#entries) {
      this.#refusal = this.#refuse(by(), late);
      throw this.#refusal;
    }
    if (this.#spent < this.#nextTurn) return;
    this.#nextTurn = this.#spent + turnEntries;
    await setImmediate();
  }

  #refuse({ file, what, remedy }: Spender, late: boolean): DevlatchError {
    const bound = late
      ? `it takes longer than ${this.#ms / 1_000} s`
      : `more than ${this.#entries} entries were looked at`;
    return invalidFile(file, `${what}: ${bound}`, remedy);
  }
}
