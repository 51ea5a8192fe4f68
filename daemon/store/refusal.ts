import { DevlatchError } from "../../shared/base/errors.ts";

/** A record of a shared store that isn't believed, and why, in words that follow its key. */
export interface Refusal {
  readonly key: string;
  readonly problem: string;
}

/** @returns the error for who asked for that very record */
export function refused({ key, problem }: Refusal): DevlatchError {
  return new DevlatchError(
    "INTERNAL",
    `The record ${JSON.stringify(key.slice(0, 200))} of the shared store ${problem}, and isn't believed.`,
    `See who may write there. Remove it with: redis-cli HDEL devlatch:{records}:values KEY`,
  );
}

/** Tells of refused records, each key once. */
export class Refusals {
  readonly #told = new Set<string>();
  readonly #onRefused: (refusal: Refusal) => void;

  constructor(onRefused: (refusal: Refusal) => void = () => {}) {
    this.#onRefused = onRefused;
  }

  /** @returns the error for who asked for that very record */
  refuse(key: string, problem: string): DevlatchError {
    const shown = key.slice(0, 200);
    // Who can write there can write any number of keys.
    if (!this.#told.has(shown) && this.#told.size < mostTold) {
      this.#told.add(shown);
      this.#onRefused({ key: shown, problem });
    }
    return refused({ key, problem });
  }
}

/** Keys told of at most, for as long as a daemon lives. */
const mostTold = 1_000;
