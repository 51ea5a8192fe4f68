import { formatMs } from "../../shared/base/deadline.ts";
import type { LockAlert } from "../../shared/model/concurrency.ts";
import type { LockView } from "../../shared/model/lock.ts";
import type { Cycle, Step } from "./wait-graph.ts";
import type { Counts } from "./window.ts";

/** Fewer attempts than this in the window say nothing about contention. */
const fewestAttempts = 10;
/** A larger share of failures than this is high contention. */
const highShare = 0.5;

/** An alert before it is known since when it holds. */
export type Finding = Omit<LockAlert, "since">;

/** What the alerts are made from, all daemons of the store together. */
export interface Observed {
  readonly locks: readonly LockView[];
  readonly cycles: readonly Cycle[];
  readonly windows: ReadonlyMap<string, Counts>;
  /** How long a lock may be held, in milliseconds. */
  readonly limitOf: (key: string) => number;
}

/** What is wrong now: the worst first, then in the order of keys. */
export function findAlerts({ locks, cycles, windows, limitOf }: Observed): readonly Finding[] {
  return [
    ...byId(cycles.map(deadlock)),
    ...byId(locks.filter(({ key, heldMs }) => heldMs > limitOf(key)).map((lock) => heldLong(lock, limitOf))),
    ...byId([...windows].filter(([, counts]) => isContended(counts)).map(([key]) => contention(key))),
  ];
}

/** Keeps since when each alert holds. */
export class AlertBook {
  #alerts: readonly LockAlert[] = [];

  get alerts(): readonly LockAlert[] {
    return this.#alerts;
  }

  /**
   * Takes over what was found; what wasn't is over.
   * @param now milliseconds since the epoch
   */
  update(findings: readonly Finding[], now: number): readonly LockAlert[] {
    const before = new Map(this.#alerts.map(({ id, since }) => [id, since]));
    this.#alerts = findings.map((finding) => ({ ...finding, since: before.get(finding.id) ?? now }));
    return this.#alerts;
  }
}

function isContended({ attempts, failures }: Counts): boolean {
  return attempts >= fewestAttempts && failures > attempts * highShare;
}

function deadlock(cycle: Cycle): Finding {
  const keys = cycle.map(({ holds }) => holds);
  const steps = cycle.map(
    ({ owner, holds, waitsFor }) => `${owner} holds ${holds} and waits for ${waitsFor}`,
  );
  const last = lastToWait(cycle);
  return {
    id: `deadlock:${[...keys].sort().join(",")}`,
    kind: "deadlock",
    severity: "critical",
    keys,
    message: `None of these can go on: ${steps.join("; ")}.`,
    remedy: `Cancel ${last.owner}, the last to wait, or break its lock ${last.holds}; the others go on then.`,
  };
}

/** The one that came last has done the least, and all daemons name the same. */
function lastToWait(cycle: Cycle): Step {
  return cycle.reduce((last, step) =>
    step.since > last.since || (step.since === last.since && step.holder > last.holder) ? step : last,
  );
}

function heldLong({ key, owner, fence }: LockView, limitOf: Observed["limitOf"]): Finding {
  return {
    id: `potential_deadlock:${key}:${fence}`,
    kind: "potential_deadlock",
    severity: "warning",
    keys: [key],
    message: `${owner} has held the lock ${key} for more than ${formatMs(limitOf(key))}.`,
    remedy: `See what it is busy with (devlatch status, devlatch logs). If it is stuck, cancel it or break the lock ${key}.`,
  };
}

function contention(key: string): Finding {
  return {
    id: `high_contention:${key}`,
    kind: "high_contention",
    severity: "warning",
    keys: [key],
    message: `More than half of the attempts to take the lock ${key} fail.`,
    remedy: "Let callers wait longer (--timeout), or have fewer of them want it at once.",
  };
}

function byId(findings: readonly Finding[]): readonly Finding[] {
  const unique = new Map(findings.map((finding) => [finding.id, finding]));
  return [...unique.values()].sort((one, other) => (one.id < other.id ? -1 : 1));
}
