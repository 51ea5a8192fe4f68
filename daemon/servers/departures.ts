import { until } from "../../shared/base/deadline.ts";
import { type Disposable, Scope } from "../../shared/base/disposable.ts";
import { DevlatchError } from "../../shared/base/errors.ts";
import type { Log } from "../../shared/base/log.ts";
import { type SessionPlace, sessionKey } from "../../shared/model/keys.ts";
import type { Caller } from "../holders/callers.ts";
import type { Processes } from "../processes/processes.ts";
import type { Leaving } from "./leaving.ts";

/** How long a user may outlive its connection, in milliseconds: one that lives on connects again. */
const outliveMs = 10_000;
/** Pause between two looks whether it lives, in milliseconds. */
const lookEveryMs = 50;

/** What noticing departures needs of the rest. */
export interface DeparturesDependencies {
  readonly leaving: Pick<Leaving, "leave">;
  readonly processes: Pick<Processes, "isAlive">;
  readonly log: Log;
}

/**
 * Users that end without a word: a runner killed `devlatch dev` with its whole group. What was launched to end with its
 * last user does so at once; where no daemon saw it, `UnusedStops` does it later.
 */
export class Departures implements Disposable {
  readonly #parts: DeparturesDependencies;
  readonly #scope = new Scope();
  readonly #ending = new AbortController();
  readonly #watched = new WeakMap<Scope, Set<string>>();

  constructor(parts: DeparturesDependencies) {
    this.#parts = parts;
    this.#scope.defer(() =>
      this.#ending.abort(new DevlatchError("CANCELLED", "The daemon is shutting down.", "Nothing to do.")),
    );
  }

  /** @param connection ends with the user's connection */
  watch(place: SessionPlace, caller: Caller | undefined, connection: Scope): void {
    const key = sessionKey(place);
    const known = this.#watched.get(connection) ?? new Set();
    if (!caller || known.has(key)) return;
    this.#watched.set(connection, known.add(key));
    connection.defer(() => void this.#departed(place, caller));
  }

  dispose(): void {
    this.#scope.dispose();
  }

  /** Never rejects. */
  async #departed(place: SessionPlace, caller: Caller): Promise<void> {
    const { processes, leaving, log } = this.#parts;
    const signal = this.#ending.signal;
    try {
      const patience = AbortSignal.any([signal, AbortSignal.timeout(outliveMs)]);
      const ended = async () => ((await processes.isAlive(caller)) ? undefined : true);
      await until(ended, { intervalMs: lookEveryMs, signal: patience });
      await leaving.leave(place, { caller, stop: "whileUsed", signal });
    } catch (error) {
      log.debug({ err: error, app: place.app }, "a user's end was left to the next look at who uses it");
    }
  }
}
