import type { Disposable } from "../../shared/base/disposable.ts";
import { Emitter } from "../../shared/base/emitter.ts";
import type { AlertBoard } from "../../shared/model/alert.ts";
import { applyDelta } from "../../shared/model/apply-delta.ts";
import type { Concurrency } from "../../shared/model/concurrency.ts";
import type { HealthReport } from "../../shared/model/health.ts";
import type { LockView } from "../../shared/model/lock.ts";
import type { SessionView } from "../../shared/model/session.ts";
import type { Change, Delta, Snapshot } from "../../shared/model/snapshot.ts";

/** How many deltas are kept for clients that come back. */
const keptDeltas = 1000;

/**
 * The one snapshot all clients see, and the numbered deltas that lead to it. A client that reconnects names the
 * last revision it knows and gets what it missed, or a snapshot where that is too long ago.
 */
export class SnapshotHub implements Disposable {
  readonly #delta = new Emitter<Delta>();
  readonly onDelta = this.#delta.event;
  readonly #recent: Delta[] = [];
  #snapshot: Snapshot;

  constructor(initial: {
    epoch: string;
    sessions: SessionView[];
    locks: LockView[];
    locksAt: number;
    health: HealthReport | null;
    concurrency: Concurrency;
    alerts: AlertBoard;
  }) {
    this.#snapshot = { revision: 0, ...initial };
  }

  get snapshot(): Snapshot {
    return this.#snapshot;
  }

  publish(change: Change): void {
    const delta: Delta = { revision: this.#snapshot.revision + 1, change };
    this.#snapshot = applyDelta(this.#snapshot, delta);
    this.#recent.push(delta);
    if (this.#recent.length > keptDeltas) this.#recent.shift();
    this.#delta.fire(delta);
  }

  /** The deltas after `known`, or undefined where a snapshot is needed. */
  since(known: { epoch: string; revision: number }): readonly Delta[] | undefined {
    const { epoch, revision } = this.#snapshot;
    if (known.epoch !== epoch || known.revision > revision) return undefined;
    if (known.revision === revision) return [];
    const first = this.#recent[0]?.revision ?? Number.POSITIVE_INFINITY;
    return first <= known.revision + 1
      ? this.#recent.filter((delta) => delta.revision > known.revision)
      : undefined;
  }

  dispose(): void {
    this.#delta.dispose();
  }
}
