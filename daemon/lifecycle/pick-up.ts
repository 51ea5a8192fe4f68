import { type CleanupStep, cleanUp } from "../../shared/base/clean-up.ts";
import { type Disposable, Scope } from "../../shared/base/disposable.ts";
import type { Event } from "../../shared/base/emitter.ts";
import type { Log } from "../../shared/base/log.ts";
import { Rounds } from "../../shared/base/rounds.ts";

export interface PickUpDependencies {
  readonly store: { readonly healthy: boolean; readonly onHealthChanged: Event<boolean> };
  /** Done before anything else, e.g. releasing what a killed daemon held. */
  readonly first: readonly CleanupStep[];
  /** What reads its records and finishes what former daemons began. All may begin again. */
  readonly parts: readonly CleanupStep[];
  readonly log: Log;
  /** Before the first further try, in milliseconds; doubled with each. 2 s unless told. */
  readonly pauseMs?: number;
}

/** How long each part may take, in milliseconds; one that takes longer goes on, and is asked again. */
const deadlineMs = 10_000;
/** Pause before the first further try unless told, and the longest one, in milliseconds. */
const firstPauseMs = 2_000;
const longestPauseMs = 60_000;

/**
 * Picks up what runs and finishes what former daemons of the home began: all parts at once, none hindered by another.
 * What fails is tried again as soon as the store is back, and with growing pauses.
 */
export class PickUp implements Disposable {
  readonly #dependencies: PickUpDependencies;
  readonly #scope = new Scope();
  readonly #rounds = this.#scope.add(new Rounds(() => this.#round()));
  #complete = false;
  #pauseMs: number;

  constructor(dependencies: PickUpDependencies) {
    this.#dependencies = dependencies;
    this.#pauseMs = dependencies.pauseMs ?? firstPauseMs;
    this.#scope.add(
      dependencies.store.onHealthChanged((healthy) => {
        if (healthy && !this.#complete) this.#rounds.within(0);
      }),
    );
  }

  /** Whether all records were read and all parts have begun. */
  get complete(): boolean {
    return this.#complete;
  }

  /** The first try. Never rejects. */
  begin(): Promise<void> {
    return this.#rounds.now();
  }

  async #round(): Promise<void> {
    const { store, first, parts, log } = this.#dependencies;
    const healthy = store.healthy;
    const failures = [...(await cleanUp(first, { deadlineMs })), ...(await cleanUp(parts, { deadlineMs }))];
    for (const { what, thing, error } of failures) {
      log.warn({ code: error.code, message: error.message }, `could not ${what} ${thing} yet`);
    }
    this.#complete = failures.length === 0 && healthy;
    // Without its store there is no hurry: its return is heard of.
    if (this.#complete || this.#scope.disposed || failures.length === 0) return;
    this.#rounds.within(this.#pauseMs);
    this.#pauseMs = Math.min(this.#pauseMs * 2, longestPauseMs);
  }

  dispose(): void {
    this.#scope.dispose();
  }
}
