import { createHash } from "node:crypto";

/**
 * What a worker tells of one attempt. Times are this machine's monotonic clock in milliseconds, the same for all
 * processes.
 */
export type WorkerEvent =
  | { readonly kind: "invoked"; readonly id: string; readonly key: string; readonly at: number }
  /** The store has queued it: one that asks from here on comes later. */
  | { readonly kind: "queued"; readonly id: string; readonly at: number }
  /** `fence` is 0 for a lock that has none. */
  | { readonly kind: "granted"; readonly id: string; readonly fence: number; readonly at: number }
  /** The work believed to hold the lock until here. */
  | { readonly kind: "stopped"; readonly id: string; readonly at: number }
  | { readonly kind: "ended"; readonly id: string; readonly at: number; readonly code: string }
  /** Asks the resource, which takes a write only if its fence is not below one it has seen (0: it can't know). */
  | { readonly kind: "write"; readonly id: string; readonly key: string; readonly fence: number };

/** What a worker is told. */
export type WorkerOrder =
  | { readonly do: "stop" }
  /** Its wall clock goes wrong by so much, in milliseconds. */
  | { readonly do: "skew"; readonly ms: number }
  /** The resource's answer to a write. */
  | { readonly do: "answer"; readonly id: string; readonly accepted: boolean };

/** One attempt to hold a lock, put together from its events. */
export interface Attempt {
  readonly id: string;
  readonly worker: number;
  readonly key: string;
  readonly invokedAt: number;
  queuedAt?: number;
  grantedAt?: number;
  fence?: number;
  stoppedAt?: number;
  /** `ok`, an error's code, or `killed` with the process. */
  outcome?: string;
  accepted: number;
  refused: number;
  /** Writes that were accepted though a later holder of the lock had written already. */
  stale: number;
}

/** A time during which something was out of order, in milliseconds of the monotonic clock. */
export interface Fault {
  readonly kind:
    | "kill"
    | "pause"
    | "cut"
    | "cut replies"
    | "redis pause"
    | "restart"
    | "flush"
    | "failover"
    | "skew";
  /** The worker it struck; undefined: Redis. */
  readonly worker?: number;
  readonly from: number;
  readonly to: number;
}

export interface History {
  readonly seed: number;
  readonly ttlMs: number;
  readonly attempts: readonly Attempt[];
  readonly faults: readonly Fault[];
}

/** Monotonic time in milliseconds, comparable between processes of one machine (CLOCK_MONOTONIC). */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** Numbers in [0, 1) that a seed determines. */
export function seededRandom(seed: number): () => number {
  let drawn = 0;
  return () => {
    const digest = createHash("sha256").update(`${seed} ${drawn++}`).digest();
    return digest.readUInt32BE() / 2 ** 32;
  };
}
