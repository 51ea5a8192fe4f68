import type { Disposable } from "../base/disposable.ts";
import { Emitter } from "../base/emitter.ts";
import { applyDelta } from "../model/apply-delta.ts";
import type { Delta, Snapshot } from "../model/snapshot.ts";
import type { Connection } from "./connection.ts";

/** The daemon's snapshot, kept up to date by its deltas, over one connection after the other. */
export class Mirror implements Disposable {
  readonly #changed = new Emitter<Snapshot>();
  readonly onChanged = this.#changed.event;
  #snapshot: Snapshot | undefined;
  /** Deltas that overtook the snapshot they build on; undefined while none is asked for. */
  #early: Delta[] | undefined;

  /** As last heard; undefined until the first snapshot. */
  get snapshot(): Snapshot | undefined {
    return this.#snapshot;
  }

  /**
   * Follows this connection until it ends, instead of the one before.
   * @returns once the snapshot has what was missed
   * @throws DevlatchError see {@link Connection.request}
   */
  async follow(connection: Connection, signal: AbortSignal): Promise<void> {
    connection.onNotification("state/delta", (delta) => this.#receive(delta, connection, signal));
    await this.#synchronise(connection, signal);
  }

  dispose(): void {
    this.#changed.dispose();
  }

  async #synchronise(connection: Connection, signal: AbortSignal): Promise<void> {
    const mirror = this.#snapshot;
    const isSameDaemon = mirror && mirror.epoch === connection.epoch;
    const since = isSameDaemon ? { since: { epoch: mirror.epoch, revision: mirror.revision } } : {};
    this.#early = [];
    const answer = await connection.request("state/subscribe", since, { signal });
    const early = this.#early;
    this.#early = undefined;
    if (answer.kind === "snapshot") this.#set(answer.snapshot);
    const missed = answer.kind === "deltas" ? answer.deltas : [];
    for (const delta of [...missed, ...early]) this.#receive(delta, connection, signal);
  }

  #receive(delta: Delta, connection: Connection, signal: AbortSignal): void {
    if (this.#early) {
      this.#early.push(delta);
      return;
    }
    const mirror = this.#snapshot;
    if (!mirror || delta.revision <= mirror.revision) return;
    if (delta.revision === mirror.revision + 1) {
      this.#set(applyDelta(mirror, delta));
      return;
    }
    // A gap means a defect on one side; starting over with a snapshot is always right.
    this.#snapshot = undefined;
    this.#synchronise(connection, signal).catch(() => connection.dispose());
  }

  #set(snapshot: Snapshot): void {
    this.#snapshot = snapshot;
    this.#changed.fire(snapshot);
  }
}
