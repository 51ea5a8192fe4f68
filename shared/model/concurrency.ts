import * as z from "zod";

const attempted = z.object({
  key: z.string(),
  /** Who asks, in words. */
  owner: z.string(),
  /** Identity of the work that asks; nested requests of one work share it. Not a lock's token. */
  holder: z.string(),
  /** Tells the attempts of one daemon apart. */
  attempt: z.int(),
  /** Milliseconds since the epoch. */
  at: z.number(),
});

/** What happened to one attempt to take a lock. Times in milliseconds. */
export const LockEvent = z.discriminatedUnion("kind", [
  attempted.extend({ kind: z.literal("attempt") }),
  /** Another holds it; the attempt waits. */
  attempted.extend({ kind: z.literal("queued") }),
  attempted.extend({ kind: z.literal("granted"), fence: z.number(), waitMs: z.number() }),
  attempted.extend({ kind: z.literal("released"), fence: z.number(), holdMs: z.number() }),
  /** The grant was lost while its holder worked. */
  attempted.extend({ kind: z.literal("lost"), fence: z.number(), holdMs: z.number() }),
  /** It ended without the lock; `code` is the error's. */
  attempted.extend({ kind: z.literal("failed"), waitMs: z.number(), code: z.string() }),
]);
export type LockEvent = z.infer<typeof LockEvent>;

export const LockAlertKind = z.enum(["deadlock", "potential_deadlock", "high_contention"]);
export type LockAlertKind = z.infer<typeof LockAlertKind>;

/** Something wrong with locks now. It goes when its cause is gone. */
export const LockAlert = z.object({
  /** The same as long as the cause is the same, whichever daemon says it. */
  id: z.string(),
  kind: LockAlertKind,
  severity: z.enum(["warning", "critical"]),
  /** The locks it is about; of a deadlock in the order of the cycle. */
  keys: z.array(z.string()),
  /** Since when this daemon knows, in milliseconds since the epoch. */
  since: z.number(),
  message: z.string(),
  /** The way out. */
  remedy: z.string(),
});
export type LockAlert = z.infer<typeof LockAlert>;

/** Attempts that ended within the window. */
const windowCounts = {
  attempts: z.int(),
  grants: z.int(),
  /** Refused or timed out; not queued, not cancelled. */
  failures: z.int(),
};

/** A distribution of times since the daemon began, in milliseconds. */
export const Timing = z.object({ count: z.int(), p50: z.number(), p99: z.number(), max: z.number() });
export type Timing = z.infer<typeof Timing>;

/** One lock, all daemons on the store together; the timings are this daemon's own. */
export const KeySummary = z.object({
  key: z.string(),
  ...windowCounts,
  holder: z.object({ owner: z.string(), fence: z.number(), since: z.number() }).nullable(),
  waiters: z.int(),
  wait: Timing,
  hold: Timing,
});
export type KeySummary = z.infer<typeof KeySummary>;

/** One daemon's part. */
export const InstanceSummary = z.object({
  /** Machine and daemon, in words. */
  name: z.string(),
  /** The daemon that says this. */
  self: z.boolean(),
  ...windowCounts,
  holding: z.int(),
  waiting: z.int(),
});
export type InstanceSummary = z.infer<typeof InstanceSummary>;

/** How locks are used on this store, seen from one daemon. */
export const Concurrency = z.object({
  /** Length of the sliding window, in milliseconds. */
  windowMs: z.number(),
  /** Otherwise only what this daemon did itself is known. */
  storeAnswered: z.boolean(),
  alerts: z.array(LockAlert),
  keys: z.array(KeySummary),
  instances: z.array(InstanceSummary),
  /** The last ones of this daemon, oldest first; left out of what is streamed. */
  events: z.array(LockEvent).default([]),
});
export type Concurrency = z.infer<typeof Concurrency>;

/** Before anything was seen. */
export const noConcurrency: Concurrency = {
  windowMs: 300_000,
  storeAnswered: true,
  alerts: [],
  keys: [],
  instances: [],
  events: [],
};
