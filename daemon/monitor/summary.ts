import type {
  Concurrency,
  InstanceSummary,
  KeySummary,
  LockAlert,
  LockEvent,
} from "../../shared/model/concurrency.ts";
import type { LockView } from "../../shared/model/lock.ts";
import { Histogram } from "./histogram.ts";
import type { StatsTable } from "./key-stats.ts";
import type { Share } from "./shares.ts";
import { addCounts, type Counts, noCounts } from "./window.ts";

/** More keys than this are no overview. */
const maxKeys = 100;
const nothing = new Histogram().timing();

/** The windows of several daemons together. */
export function addWindows(parts: readonly ReadonlyMap<string, Counts>[]): ReadonlyMap<string, Counts> {
  const sums = new Map<string, Counts>();
  for (const part of parts) {
    for (const [key, counts] of part) sums.set(key, addCounts(sums.get(key) ?? noCounts, counts));
  }
  return sums;
}

export function windowsOf({ windows }: Share): ReadonlyMap<string, Counts> {
  return new Map(windows.map(({ key, ...counts }) => [key, counts]));
}

/** Everything a summary is made from. */
export interface Seen {
  readonly windowMs: number;
  readonly storeAnswered: boolean;
  readonly alerts: readonly LockAlert[];
  readonly locks: readonly LockView[];
  /** All daemons together. */
  readonly windows: ReadonlyMap<string, Counts>;
  readonly own: Share;
  readonly others: readonly Share[];
  readonly stats: StatsTable;
  readonly events: readonly LockEvent[];
  /** When a grant was made, in milliseconds since the epoch; the same at every call. */
  readonly sinceOf: (lock: LockView) => number;
}

/** Held locks first, then those used lately. */
export function summarise(seen: Seen): Concurrency {
  const held = new Map(seen.locks.map((lock) => [lock.key, lock]));
  const keys = [...new Set([...held.keys(), ...seen.windows.keys()])].slice(0, maxKeys);
  return {
    windowMs: seen.windowMs,
    storeAnswered: seen.storeAnswered,
    alerts: [...seen.alerts],
    keys: keys.map((key) => summaryOf(key, held.get(key), seen)),
    instances: [instanceOf(seen.own, true), ...seen.others.map((share) => instanceOf(share, false))],
    events: [...seen.events],
  };
}

function summaryOf(key: string, lock: LockView | undefined, { windows, stats, sinceOf }: Seen): KeySummary {
  const own = stats.get(key);
  return {
    key,
    ...(windows.get(key) ?? noCounts),
    holder: lock ? { owner: lock.owner, fence: lock.fence, since: sinceOf(lock) } : null,
    waiters: lock?.waiters ?? 0,
    wait: own?.wait.timing() ?? nothing,
    hold: own?.hold.timing() ?? nothing,
  };
}

function instanceOf({ name, total, holding, waiting }: Share, self: boolean): InstanceSummary {
  return { name, self, ...total, holding, waiting };
}
