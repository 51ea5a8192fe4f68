import { type Disposable, every, Scope } from "../../shared/base/disposable.ts";
import { Rounds } from "../../shared/base/rounds.ts";
import type { SessionRecord, SessionState } from "../../shared/model/session.ts";
import { type Aftercare, isUntended } from "./aftercare.ts";
import type { SessionDependencies } from "./dependencies.ts";
import { isTaken } from "./displaced.ts";
import { listensAsRecorded } from "./examine.ts";
import { LastComparison } from "./last-comparison.ts";
import { findMove } from "./moves.ts";
import { inState, stoppedState } from "./records.ts";
import type { SessionRegistry } from "./registry.ts";
import type { WatchedLaunch } from "./watched-launch.ts";

/** How often the listeners of ready servers are compared with their records, in milliseconds. */
const compareEveryMs = 2_000;
/** How soon that is done for a server that wrote something: it may say that it has crashed. In milliseconds. */
const compareSoonMs = 250;

/** The launches that are watched, as far as comparing needs them. */
export interface Watches {
  /** Whether no start or stop of this daemon says what becomes of the session. */
  isLeft(record: SessionRecord): boolean;
  /** @returns undefined where the record's launch is over, or another machine's */
  watch(record: SessionRecord): WatchedLaunch | undefined;
  /** @returns whether the work succeeded */
  guarded(launch: WatchedLaunch, work: () => Promise<void>): Promise<boolean>;
  /** Looks after a session that waits for its program to come back. */
  tend(record: SessionRecord): void;
}

/** Compares the records of this machine's servers with what listens here: who moved or fell silent shows in its record. */
export class Comparisons implements Disposable {
  readonly #dependencies: SessionDependencies;
  readonly #registry: SessionRegistry;
  readonly #aftercare: Aftercare;
  readonly #watches: Watches;
  readonly #scope = new Scope();
  readonly #rounds = this.#scope.add(new Rounds(() => this.#compare()));
  readonly #last = new LastComparison();

  constructor(
    dependencies: SessionDependencies,
    registry: SessionRegistry,
    aftercare: Aftercare,
    watches: Watches,
  ) {
    this.#dependencies = dependencies;
    this.#registry = registry;
    this.#aftercare = aftercare;
    this.#watches = watches;
  }

  /** Compares from now on, every few seconds. */
  begin(): void {
    this.#scope.add(every(compareEveryMs, () => this.#rounds.within(0)));
  }

  /** A server wrote something: it is looked at soon, whatever the last comparison found. */
  readonly soon = (): void => {
    this.#last.forget();
    this.#rounds.within(compareSoonMs);
  };

  async #compare(): Promise<void> {
    const left = this.#registry.all().filter((one) => this.#watches.isLeft(one));
    const [sockets, now] = [await this.#sockets(), performance.now()];
    if (this.#last.stands(left, sockets, now)) return;
    // All in the same turn: one look at the machine's listeners serves them.
    const asRecorded = await Promise.all(left.map((record) => this.#listens(record)));
    if (asRecorded.every(Boolean)) this.#last.allFit(left, sockets, now);
    else this.#last.forget();
    for (const [at, record] of left.entries()) {
      const launch = this.#watches.watch(record);
      if (!launch) continue;
      if (asRecorded[at]) {
        launch.silentSince = undefined;
        if (record.state.kind === "ready" && record.state.displaced)
          await this.#watches.guarded(launch, () => this.#forgetDisplaced(launch, record));
      } else if (record.state.kind === "ready")
        await this.#watches.guarded(launch, () => this.#compareOne(launch, record));
      else if (isUntended(record)) this.#watches.tend(record);
    }
  }

  /** All that listen on this machine. Never rejects. */
  async #sockets(): Promise<string | undefined> {
    return this.#dependencies.processes.listenersMark().catch(() => undefined);
  }

  /** Never rejects: what can't be read is looked at closer. */
  async #listens(record: SessionRecord): Promise<boolean> {
    return listensAsRecorded(record, this.#dependencies).catch(() => false);
  }

  async #compareOne(launch: WatchedLaunch, record: SessionRecord): Promise<void> {
    if (await listensAsRecorded(record, this.#dependencies)) {
      launch.silentSince = undefined;
      return;
    }
    const { hosting, key, seenOn } = launch;
    const move = hosting ? await findMove(record, { hosting, seenOn }, this.#dependencies) : {};
    launch.seenOn = move.seenOn;
    const silent = hosting && !move.server && !move.seenOn ? await this.#silent(launch, record) : undefined;
    await this.#registry.update(key, (current) => {
      if (current !== this.#registry.peek(key) || current.state.kind !== "ready") return undefined;
      if (move.server) return inState(current, { ...current.state, ...move.server });
      if (hosting) return silent && current === record ? inState(current, silent) : undefined;
      return inState(current, stoppedState(this.#dependencies.now()));
    });
  }

  /** Who had its port may have left it. */
  async #forgetDisplaced({ key }: WatchedLaunch, { state }: SessionRecord): Promise<void> {
    if (state.kind !== "ready" || state.displaced === undefined) return;
    if (await isTaken(state.displaced, this.#dependencies.processes)) return;
    await this.#registry.update(key, (current) => {
      if (current.state.kind !== "ready" || current.state.since !== state.since) return undefined;
      const { displaced: _, ...others } = current.state;
      return inState(current, others);
    });
  }

  /** What it is now that listens nowhere; undefined as long as that isn't known, or another home is to say it. */
  async #silent(launch: WatchedLaunch, record: SessionRecord): Promise<SessionState | undefined> {
    launch.silentSince ??= performance.now();
    if (!launch.hosting || record.told || record.launchedBy) return undefined;
    const silentMs = performance.now() - launch.silentSince;
    return this.#aftercare.stateOfSilent(record, launch.hosting, silentMs);
  }

  dispose(): void {
    this.#scope.dispose();
  }
}
