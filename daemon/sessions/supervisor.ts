import { type Disposable, Scope } from "../../shared/base/disposable.ts";
import { hasCode } from "../../shared/base/errors.ts";
import { sessionKey } from "../../shared/model/keys.ts";
import type { ProcessView } from "../../shared/model/process.ts";
import type { SessionRecord, SessionState } from "../../shared/model/session.ts";
import { isActive, isLive } from "../../shared/model/session-state.ts";
import { defaultStartTimeoutMs } from "../../shared/protocol/times.ts";
import type { HostConnection } from "../hosts/client.ts";
import { type Hosted, type Hosts, leftoversOf } from "../hosts/hosts.ts";
import { Aftercare, isUntended } from "./aftercare.ts";
import { Comparisons } from "./comparisons.ts";
import type { SessionDependencies } from "./dependencies.ts";
import { stopIncomplete } from "./errors.ts";
import { tailLines } from "./limits.ts";
import { endedState, inState, stoppedState } from "./records.ts";
import type { SessionRegistry } from "./registry.ts";
import type { Restarts } from "./restarts.ts";
import type { Starter } from "./start.ts";
import { launchOf, WatchedLaunch } from "./watched-launch.ts";

/** How soon a host that lives but doesn't answer is asked again, in milliseconds. */
const againMs = 500;
/** Longest pause before what failed is tried again, in milliseconds; it grows from `againMs`. */
const longestPauseMs = 30_000;
/** How long another home gets to say what the end of its own launch leads to, in milliseconds. */
const launcherMs = 15_000;

/** Watches the sessions of this machine: what ends by itself, or moves, shows in its record. */
export class Supervisor implements Disposable {
  readonly #dependencies: SessionDependencies;
  readonly #registry: SessionRegistry;
  readonly #hosts: Hosts;
  readonly #starter: Starter;
  readonly #restarts: Restarts;
  readonly #scope = new Scope();
  /** By launch. */
  readonly #watched = new Map<string, WatchedLaunch>();
  readonly #aftercare: Aftercare;
  readonly #comparisons: Comparisons;
  #watching = false;

  constructor(
    dependencies: SessionDependencies,
    registry: SessionRegistry,
    hosts: Hosts,
    starter: Starter,
    restarts: Restarts,
  ) {
    this.#restarts = restarts;
    this.#dependencies = dependencies;
    this.#registry = registry;
    this.#hosts = hosts;
    this.#starter = starter;
    this.#aftercare = this.#scope.add(new Aftercare(dependencies, registry, hosts));
    this.#comparisons = this.#scope.add(
      new Comparisons(dependencies, registry, this.#aftercare, {
        isLeft: (record) => this.#isLeft(record),
        watch: (record) => this.#watch(record),
        guarded: (launch, work) => this.#guarded(launch, work),
        tend: (record) => {
          this.#aftercare.tend(record);
          this.#follow(record);
        },
      }),
    );
  }

  /**
   * Finds again what former daemons left running, finishes what they began, then keeps watching. Once more for records
   * that could not be read before.
   */
  async begin(): Promise<void> {
    const isFirst = !this.#watching;
    this.#watching = true;
    const found = this.#registry.all().filter((record) => !this.#watched.has(launchOf(record) ?? ""));
    const launches = found.map((record) => this.#watch(record)).filter((launch) => launch !== undefined);
    await Promise.all(launches.map((launch) => this.#insist(launch, () => this.#recover(launch))));
    if (isFirst) this.#keepWatching();
  }

  #keepWatching(): void {
    this.#scope.add(
      this.#registry.onChanged(({ key, record }) => {
        if (!record) return this.#bringBack(key);
        if (!isUntended(record)) this.#aftercare.leave(key);
        this.#follow(record);
        for (const launch of this.#of(key)) {
          launch.see(record);
          this.#tidy(launch);
        }
      }),
    );
    this.#scope.add(this.#starter.flights.onBegun((key) => this.#aftercare.leave(key)));
    this.#comparisons.begin();
  }

  /** Whether anything of this machine runs or is being changed. */
  get busy(): boolean {
    const { machineId } = this.#dependencies;
    return this.#registry
      .all()
      .some(({ state, hosting }) => isActive(state) && hosting?.machineId === machineId);
  }

  /** Whether something is being done about the session just now: what it says is no news. */
  isSettling(key: string): boolean {
    return this.#of(key).some(({ isSettling }) => isSettling);
  }

  #of(key: string): readonly WatchedLaunch[] {
    return [...this.#watched.values()].filter((launch) => launch.key === key);
  }

  /** @returns undefined where the record's launch is over, or another machine's */
  #watch(record: SessionRecord): WatchedLaunch | undefined {
    const { machineId } = this.#dependencies;
    const id = launchOf(record);
    if (id === undefined || record.hosting?.machineId !== machineId || !isLive(record.state))
      return undefined;
    const known = this.#watched.get(id);
    if (known) return known;
    const launch = new WatchedLaunch(id, record, machineId);
    launch.see(record);
    this.#watched.set(id, launch);
    return launch;
  }

  #tidy(launch: WatchedLaunch): void {
    if (launch.isOver(this.#registry.peek(launch.key))) this.#watched.delete(launch.id);
  }

  async #recover(launch: WatchedLaunch): Promise<void> {
    const { hosting } = launch;
    if (!hosting) return;
    const check = await this.#hosts.check(hosting);
    if (check.kind === "gone") return this.#ended(launch, isLive);
    if (check.kind === "silent") return this.#later(launch, () => this.#recover(launch));
    const record = this.#registry.peek(launch.key) ?? launch.record;
    // Another home says so, or an intruder: it is for that home to end what it began.
    if (record.told) return this.#connect(launch, check.connection);
    if (record.state.kind === "stopping") {
      check.connection.dispose();
      this.#report(record, hosting, await this.#hosts.endRecorded(record, hosting));
      return this.#ended(launch, isLive);
    }
    this.#connect(launch, check.connection);
    if (record.state.kind === "starting") this.#starter.resume(record, defaultStartTimeoutMs);
  }

  /** A record went while its server runs: no daemon removes such a record, so the store lost it. */
  #bringBack(key: string): void {
    for (const launch of this.#of(key)) {
      const { kept, contact } = launch;
      if (!kept || (contact !== "connecting" && contact !== "connected")) continue;
      void this.#guarded(launch, () => this.#registry.write(kept));
    }
  }

  /** Connects to the host of what no start looks after, to hear of its end. */
  #follow(record: SessionRecord): void {
    const launch = this.#watch(record);
    if (!launch?.hosting || !this.#isLeft(record) || launch.contact !== "none") return;
    launch.connecting();
    void this.#insist(launch, () => this.#ended(launch));
  }

  #connect(launch: WatchedLaunch, connection: HostConnection): void {
    if (launch.hosting) this.#hosts.askOver(connection, launch.hosting);
    launch.connected(connection, this.#comparisons.soon, () => {
      if (!this.#scope.disposed) void this.#insist(launch, () => this.#ended(launch));
    });
    if (!this.#restarts.knows(launch.record))
      void this.#guarded(launch, () => this.#learn(launch, connection));
  }

  /** A former daemon started it: only its host knows with what. */
  async #learn({ record }: WatchedLaunch, connection: HostConnection): Promise<void> {
    const { env } = await connection.request("environment", {});
    this.#restarts.remember(record, env);
  }

  /**
   * Where its host lives the launch goes on. Otherwise it is over: by itself, or because its host was killed, and then
   * what is left of it is ended too.
   * @param concerns the states this is news for; a start or stop of a session writes its own, better words
   */
  async #ended(launch: WatchedLaunch, concerns?: (state: SessionState) => boolean): Promise<void> {
    const { record, hosting, key } = launch;
    if (!hosting) return;
    const check = await this.#hosts.check(hosting);
    if (check.kind === "live") return this.#connect(launch, check.connection);
    // A host that is being killed closes its socket before it is gone; one that is stopped may be woken.
    if (check.kind === "silent") return this.#later(launch, () => this.#ended(launch, concerns));
    // Whether that is a reason to restart it, only the home that launched it knows: it gets time to say so.
    if (record.launchedBy && !launch.leftToLauncher) {
      launch.leftToLauncher = true;
      return this.#later(launch, () => this.#ended(launch, concerns), launcherMs);
    }
    launch.lost();
    this.#report(record, hosting, await this.#hosts.endLeftovers(record, hosting));
    const tail = this.#dependencies.output.tail(hosting.directory, tailLines);
    await this.#registry.update(key, (current) => {
      const isNews = concerns ? concerns(current.state) : this.#isLeft(current);
      if (launchOf(current) !== hosting.launchId || !isNews) return undefined;
      const at = { now: this.#dependencies.now(), random: Math.random() };
      // The caller that began to stop it wanted just that.
      if (current.state.kind === "stopping") return inState(current, stoppedState(at.now, check.exit));
      return inState(current, endedState(current, check.exit, tail, at));
    });
  }

  /** What could not be ended is ended later. */
  #report(record: SessionRecord, hosting: Hosted, survivors: readonly ProcessView[]): void {
    if (survivors.length === 0) return;
    this.#dependencies.cleanups.owe(leftoversOf(record, hosting), stopIncomplete(record.session, survivors));
  }

  #later(launch: WatchedLaunch, work: () => Promise<void>, ms = againMs): void {
    if (this.#scope.disposed) return;
    launch.again(ms, () => void this.#insist(launch, work, Math.min(ms * 2, longestPauseMs)));
  }

  /** Tries it until it succeeds, or the session isn't in that launch any more. */
  async #insist(launch: WatchedLaunch, work: () => Promise<void>, pauseMs = againMs): Promise<void> {
    if (await this.#guarded(launch, work)) return;
    const current = this.#registry.peek(launch.key);
    if (current?.startedAt === launch.record.startedAt && isLive(current.state))
      this.#later(launch, work, pauseMs);
  }

  /** Whether no start or stop of this daemon says what becomes of it. */
  #isLeft(record: SessionRecord): boolean {
    const { kind } = record.state;
    if (kind === "ready" || kind === "crashed") return true;
    return kind === "starting" && !this.#starter.flights.has(sessionKey(record));
  }

  /** @returns whether it succeeded; true also after disposal */
  async #guarded(launch: WatchedLaunch, work: () => Promise<void>): Promise<boolean> {
    try {
      await launch.settle(work);
      return true;
    } catch (error) {
      if (this.#scope.disposed) return true;
      const level = hasCode(error, "STORE_UNAVAILABLE") ? "debug" : "warn";
      const { session } = launch.record;
      this.#dependencies.log[level]({ err: error, session }, "a session could not be supervised");
      return false;
    } finally {
      this.#tidy(launch);
    }
  }

  dispose(): void {
    this.#scope.dispose();
    for (const launch of this.#watched.values()) launch.dispose();
  }
}
