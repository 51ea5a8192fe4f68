import { type Clock, systemClock } from "../../shared/base/clock.ts";
import { type Disposable, Scope } from "../../shared/base/disposable.ts";
import { Emitter } from "../../shared/base/emitter.ts";
import { Rounds } from "../../shared/base/rounds.ts";
import { type Concurrency, type LockEvent, noConcurrency } from "../../shared/model/concurrency.ts";
import type { LockView } from "../../shared/model/lock.ts";
import { AlertBook, findAlerts } from "./alerts.ts";
import { StatsTable } from "./key-stats.ts";
import { holdLimitMs } from "./limits.ts";
import { LiveAttempts } from "./live-attempts.ts";
import type { LockSource, SharedStore } from "./lock-source.ts";
import { metricsText } from "./prometheus.ts";
import { isEmpty, type Share, Shares, sharePrefix } from "./shares.ts";
import { addWindows, summarise, windowsOf } from "./summary.ts";
import { type Cycle, findCycles } from "./wait-graph.ts";

export interface MonitorOptions {
  /** Names this daemon among those on the store; no two have the same. */
  readonly instance: string;
  /** The same for people: machine and process. */
  readonly name: string;
  /** Length of the sliding window, in milliseconds. Default 5 min. */
  readonly windowMs?: number;
  /** The others are told again this often at least while there is something to tell, in milliseconds. Default 5 s. */
  readonly renewMs?: number;
  readonly clock?: Clock;
  /** How long a lock may be held before that is an alert, in milliseconds. */
  readonly limitOf?: (key: string) => number;
}

/** Waits come and go; who waits for whom is looked at this long after it changed, in milliseconds. */
const settleMs = 50;
/** What looks like a cycle is one only if it still does this much later: word of other daemons comes late. */
const confirmMs = 250;
/** Time between two looks while an owner of a lock waits, in milliseconds. */
const busyMs = 1_000;
/** Counters change all the time; the others hear of them this often, in milliseconds. */
const countersEveryMs = 2_000;
/** A daemon that was silent for this many renewals is dead. */
const missedRenewals = 3;
const keptEvents = 100;

/** What the store says of all daemons. */
interface Heard {
  readonly shares: readonly Share[];
  readonly records: number;
  readonly locks: readonly LockView[];
  readonly storeAnswered: boolean;
}

/** Without the store nothing is known of others, and nothing said of them. */
const nothingHeard: Heard = { shares: [], records: 0, locks: [], storeAnswered: false };

/**
 * Watches how locks are used, tells the other daemons on the store what they need of it, and says what is wrong.
 * Nothing runs while no lock is held, waited for or lately used anywhere on the store.
 */
export class ConcurrencyMonitor implements Disposable {
  readonly #locks: LockSource;
  readonly #options: Required<MonitorOptions>;
  readonly #scope = new Scope();
  readonly #changed = this.#scope.add(new Emitter<Concurrency>());
  readonly #rounds: Rounds;
  readonly #shares: Shares;
  readonly #stats: StatsTable;
  readonly #live = new LiveAttempts();
  readonly #book = new AlertBook();
  readonly #events: LockEvent[] = [];
  /** When each possible cycle was seen first (monotonic, ms), by who is in it. */
  #suspected = new Map<string, number>();
  #since = new Map<string, number>();
  #published: { at: number; participants: string; all: string } | undefined;
  #latest: Concurrency;

  constructor(locks: LockSource, store: SharedStore, options: MonitorOptions) {
    this.#locks = locks;
    this.#options = {
      windowMs: noConcurrency.windowMs,
      renewMs: 5_000,
      clock: systemClock,
      limitOf: holdLimitMs,
      ...options,
    };
    this.#latest = { ...noConcurrency, windowMs: this.#options.windowMs };
    this.#stats = new StatsTable(this.#options.windowMs);
    this.#shares = new Shares(store, options.instance);
    this.#rounds = this.#scope.add(new Rounds(() => this.#look()));
    this.#scope.add(locks.onEvent((event) => this.#observe(event)));
    this.#scope.add(
      store.records.onChanged(({ key }) => {
        if (key.startsWith(sharePrefix) && !this.#shares.isOwn(key)) this.#rounds.within(settleMs);
      }),
    );
    this.#rounds.within(settleMs);
  }

  /** Fires when something but times changed. */
  readonly onChanged = this.#changed.event;

  /** As of the last look. */
  get latest(): Concurrency {
    return this.#latest;
  }

  /** Looks now. Never rejects: with the store away it tells what this daemon knows. */
  async check(): Promise<Concurrency> {
    await this.#rounds.now();
    return this.#latest;
  }

  /** This daemon's counters in Prometheus' text format. */
  metrics(): string {
    return metricsText(this.#stats, this.#live.byKey(), this.#book.alerts);
  }

  /** Takes back what the others were told. Idempotent; never rejects. */
  async close(): Promise<void> {
    this.dispose();
    await this.#rounds.idle();
    await this.#shares.withdraw().catch(() => {});
  }

  dispose(): void {
    this.#scope.dispose();
  }

  #observe(event: LockEvent): void {
    this.#stats.observe(event, this.#options.clock.monotonic());
    this.#events.push(event);
    if (this.#events.length > keptEvents) this.#events.shift();
    this.#rounds.within(this.#live.observe(event) ? settleMs : busyMs);
  }

  async #look(): Promise<void> {
    const own = this.#ownShare();
    const heard = await this.#exchange(own).catch(() => nothingHeard);
    this.#judge(own, heard);
    this.#rounds.within(this.#untilNext(own, heard));
  }

  /** When to look again if no event comes first, in milliseconds: to renew, to forget, and when a limit is reached. */
  #untilNext(own: Share, { locks, records, storeAnswered }: Heard): number {
    const { windowMs, renewMs, limitOf } = this.#options;
    if (own.waiting > 0 || locks.some(({ waiters }) => waiters > 0)) return busyMs;
    if (isEmpty(own) && locks.length === 0 && records === 0 && storeAnswered) return Number.POSITIVE_INFINITY;
    const toLimit = locks.map(({ key, heldMs }) => limitOf(key) - heldMs).filter((ms) => ms >= 0);
    return Math.min(renewMs, windowMs / 10, ...toLimit.map((ms) => ms + settleMs));
  }

  #judge(own: Share, { shares, locks, storeAnswered }: Heard): void {
    const { clock, windowMs, limitOf } = this.#options;
    const windows = addWindows([this.#stats.windows(clock.monotonic()), ...shares.map(windowsOf)]);
    const participants = [...this.#live.participants(), ...shares.flatMap((share) => share.participants)];
    const fences = new Map(locks.map(({ key, fence }) => [key, fence]));
    const suspected = findCycles(participants, (key) => fences.get(key));
    const cycles = this.#confirmed(suspected);
    if (suspected.length > cycles.length) this.#rounds.within(confirmMs);
    const seen = {
      windowMs,
      storeAnswered,
      alerts: this.#book.update(findAlerts({ locks, cycles, windows, limitOf }), clock.epoch()),
      locks,
      windows,
      own,
      others: shares,
      stats: this.#stats,
      events: [...this.#events],
      sinceOf: this.#rememberSince(locks),
    };
    this.#tell(summarise(seen));
  }

  /** Tells the others and hears what they say. @throws DevlatchError `STORE_UNAVAILABLE`, after one time-out at most */
  async #exchange(own: Share): Promise<Heard> {
    await this.#publish(own);
    const [others, locks] = await Promise.all([this.#shares.others(), this.#locks.list()]);
    return { ...others, locks, storeAnswered: true };
  }

  #ownShare(): Share {
    const now = this.#options.clock.monotonic();
    const counts = [...this.#live.byKey().values()];
    return {
      name: this.#options.name,
      participants: this.#live.participants().slice(0, 200),
      windows: [...this.#stats.windows(now)].slice(0, 100).map(([key, window]) => ({ key, ...window })),
      total: this.#stats.total(now),
      holding: counts.reduce((sum, { holding }) => sum + holding, 0),
      waiting: counts.reduce((sum, { waiting }) => sum + waiting, 0),
    };
  }

  /** Who waits for whom is told at once, counters now and then, and everything again before it counts as stale. */
  async #publish(share: Share): Promise<void> {
    if (isEmpty(share)) {
      if (this.#published) await this.#shares.withdraw();
      this.#published = undefined;
      return;
    }
    const { clock, renewMs } = this.#options;
    const now = clock.monotonic();
    const participants = JSON.stringify(share.participants);
    const all = JSON.stringify(share);
    const last = this.#published;
    if (last?.participants === participants) {
      const dueMs = last.at - now + (last.all === all ? renewMs : Math.min(renewMs, countersEveryMs));
      if (dueMs > 0) {
        this.#rounds.within(dueMs);
        return;
      }
    }
    await this.#shares.publish(share, missedRenewals * renewMs);
    this.#published = { at: now, participants, all };
  }

  #confirmed(cycles: readonly Cycle[]): readonly Cycle[] {
    const now = this.#options.clock.monotonic();
    const suspected = new Map<string, number>();
    const confirmed = cycles.filter((cycle) => {
      const id = JSON.stringify(cycle.map(({ holder, holds }) => [holder, holds]));
      const since = this.#suspected.get(id) ?? now;
      suspected.set(id, since);
      return now - since >= confirmMs;
    });
    this.#suspected = suspected;
    return confirmed;
  }

  /** Ages jitter from look to look; when a grant was made doesn't. */
  #rememberSince(locks: readonly LockView[]): (lock: LockView) => number {
    const now = this.#options.clock.epoch();
    const id = ({ key, fence }: LockView) => `${fence} ${key}`;
    this.#since = new Map(
      locks.map((lock) => [id(lock), this.#since.get(id(lock)) ?? Math.round(now - lock.heldMs)]),
    );
    return (lock) => this.#since.get(id(lock)) ?? now;
  }

  #tell(next: Concurrency): void {
    const looks = (value: Concurrency) => JSON.stringify({ ...value, events: [] });
    const changed = looks(next) !== looks(this.#latest);
    this.#latest = next;
    if (changed) this.#changed.fire(next);
  }
}
