import type { Log } from "../../shared/base/log.ts";
import { type SessionRecord, StartPhase } from "../../shared/model/session.ts";
import { inState } from "./records.ts";
import type { SessionRegistry } from "./registry.ts";

/**
 * Writes into a session's record how far its start has come, for all who look. Only forwards, one write after
 * the other, without holding the start up: a phase that can't be written (the store is away) is left out.
 */
export class StartPhases {
  readonly #registry: Pick<SessionRegistry, "write" | "read">;
  readonly #log: Log;
  readonly #record: SessionRecord;
  readonly #key: string;
  #reached: number;
  #writing: Promise<void> = Promise.resolve();
  #isUnsure = false;

  /** @param record as it is written, under the fence of the start's lock */
  constructor(
    registry: Pick<SessionRegistry, "write" | "read">,
    log: Log,
    key: string,
    record: SessionRecord,
  ) {
    this.#registry = registry;
    this.#log = log;
    this.#key = key;
    this.#record = record;
    this.#reached =
      record.state.kind === "starting" ? orderOf(record.state.phase) : StartPhase.options.length;
  }

  reach(phase: StartPhase): void {
    if (orderOf(phase) <= this.#reached) return;
    this.#reached = orderOf(phase);
    this.#writing = this.#writing.then(() => this.#write(phase));
  }

  /** Waits until nothing is being written any more, so that the end of the start is written over what is there. */
  async settled(): Promise<void> {
    await this.#writing;
    // A write without an answer may have been made.
    if (this.#isUnsure) await this.#registry.read(this.#key).catch(() => {});
  }

  async #write(phase: StartPhase): Promise<void> {
    // Passed already: it would not be seen.
    if (orderOf(phase) < this.#reached) return;
    const state = { kind: "starting", since: this.#record.state.since, phase } as const;
    try {
      await this.#registry.write(inState(this.#record, state));
    } catch (error) {
      this.#isUnsure = true;
      this.#log.debug({ err: error, key: this.#key, phase }, "a phase of a start could not be recorded");
    }
  }
}

function orderOf(phase: StartPhase): number {
  return StartPhase.options.indexOf(phase);
}
