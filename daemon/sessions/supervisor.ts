import { type Disposable, every, Scope } from "../../shared/base/disposable.ts";
import { hasCode } from "../../shared/base/errors.ts";
import { sessionKey } from "../../shared/model/keys.ts";
import type { ProcessView } from "../../shared/model/process.ts";
import { isActive, isLive, type SessionRecord, type SessionState } from "../../shared/model/session.ts";
import { defaultStartTimeoutMs } from "../../shared/protocol/contract.ts";
import type { HostConnection } from "../hosts/client.ts";
import { type Hosted, type Hosts, hostedHere, leftoversOf } from "../hosts/hosts.ts";
import type { SessionsEnvironment } from "./contract.ts";
import { stopIncomplete } from "./errors.ts";
import { listensAsRecorded } from "./examine.ts";
import { tailLines } from "./limits.ts";
import { Moves } from "./moves.ts";
import { endedState, inState, stoppedState } from "./records.ts";
import type { SessionRegistry } from "./registry.ts";
import type { Restarts } from "./restarts.ts";
import type { Starter } from "./start.ts";

/** How often the listeners of ready servers are compared with their records, in milliseconds. */
const compareEveryMs = 2_000;
/** How soon a host that lives but doesn't answer is asked again, in milliseconds. */
const againMs = 500;
/** Longest pause before what failed is tried again, in milliseconds; it grows from `againMs`. */
const longestPauseMs = 30_000;
/** Watches the sessions of this machine: what ends by itself, or moves, shows in its record. */
export class Supervisor implements Disposable {
  readonly #environment: SessionsEnvironment;
  readonly #registry: SessionRegistry;
  readonly #hosts: Hosts;
  readonly #starter: Starter;
  readonly #restarts: Restarts;
  readonly #scope = new Scope();
  /** The connection to each live host, by launch id. */
  readonly #watched = new Map<string, HostConnection | "connecting">();
  /** Records of what is watched, by key: a store that lost its data gets them from here. */
  readonly #kept = new Map<string, SessionRecord>();
  /** Keys of the records that were recovered, or began under this daemon's eyes. */
  readonly #known = new Set<string>();
  readonly #moves: Moves;
  /** Of hosts that are asked again. */
  readonly #timers = new Set<NodeJS.Timeout>();
  /** Sessions that something is being done about, by key. */
  readonly #settling = new Map<string, number>();
  #watching = false;
  #comparing = false;

  constructor(
    environment: SessionsEnvironment,
    registry: SessionRegistry,
    hosts: Hosts,
    starter: Starter,
    restarts: Restarts,
  ) {
    this.#restarts = restarts;
    this.#moves = new Moves(environment, hosts);
    this.#environment = environment;
    this.#registry = registry;
    this.#hosts = hosts;
    this.#starter = starter;
  }

  /**
   * Finds again what former daemons left running, finishes what they began, then keeps watching. Once more for records
   * that could not be read before.
   */
  async begin(): Promise<void> {
    const isFirst = !this.#watching;
    this.#watching = true;
    const found = this.#registry.all().filter((record) => !this.#known.has(sessionKey(record)));
    for (const record of found) this.#known.add(sessionKey(record));
    await Promise.all(found.map((record) => this.#insist(record, () => this.#recover(record))));
    for (const record of found) this.#keep(record);
    if (isFirst) this.#keepWatching();
  }

  #keepWatching(): void {
    this.#scope.add(
      this.#registry.onChanged(({ key, record }) => {
        if (!record) return this.#bringBack(key);
        this.#known.add(key);
        this.#keep(record);
        this.#follow(record);
      }),
    );
    this.#scope.add(every(compareEveryMs, () => void this.#compare()));
  }

  /** Whether anything of this machine runs or is being changed. */
  get busy(): boolean {
    const { machineId } = this.#environment;
    return this.#registry
      .all()
      .some(({ state, hosting }) => isActive(state) && hosting?.machineId === machineId);
  }

  /** Whether something is being done about the session just now: what it says is no news to anybody. */
  isSettling(key: string): boolean {
    return this.#settling.has(key);
  }

  async #recover(record: SessionRecord): Promise<void> {
    const hosting = hostedHere(record, this.#environment.machineId);
    if (!hosting || !isLive(record.state)) return;
    const check = await this.#hosts.check(hosting);
    if (check.kind === "gone") return this.#ended(record, isLive);
    if (check.kind === "silent") {
      return this.#later(record, () => this.#recover(this.#registry.peek(sessionKey(record)) ?? record));
    }
    if (record.state.kind === "starting") this.#starter.resume(record, defaultStartTimeoutMs);
    if (record.state.kind === "stopping") {
      check.connection.dispose();
      this.#report(record, hosting, await this.#hosts.endRecorded(record, hosting));
      return this.#ended(record, isLive);
    }
    this.#watch(record, hosting.launchId, check.connection);
  }

  #keep(record: SessionRecord): void {
    const key = sessionKey(record);
    if (record.state.kind === "ready") this.#kept.set(key, record);
    else this.#kept.delete(key);
  }

  /** A record went while its server runs: nobody removes such a record, so the store lost it. */
  #bringBack(key: string): void {
    const record = this.#kept.get(key);
    const hosting = record && hostedHere(record, this.#environment.machineId);
    if (!hosting || !this.#watched.has(hosting.launchId)) return;
    void this.#guarded(record, () => this.#registry.write(record));
  }

  #follow(record: SessionRecord): void {
    const hosting = hostedHere(record, this.#environment.machineId);
    if (!hosting || record.state.kind !== "ready" || this.#watched.has(hosting.launchId)) return;
    this.#watched.set(hosting.launchId, "connecting");
    void this.#guarded(record, async () => {
      const check = await this.#hosts.check(hosting);
      this.#watched.delete(hosting.launchId);
      if (check.kind === "live") this.#watch(record, hosting.launchId, check.connection);
      else if (check.kind === "gone") await this.#ended(record);
    });
  }

  #watch(record: SessionRecord, launchId: string, connection: HostConnection): void {
    this.#watched.set(launchId, connection);
    if (this.#scope.disposed) connection.dispose();
    this.#scope.defer(() => connection.dispose());
    connection.onClosed(() => {
      this.#watched.delete(launchId);
      if (!this.#scope.disposed) void this.#insist(record, () => this.#ended(record));
    });
    connection.onNotification("exited", () => connection.dispose());
    if (!this.#restarts.knows(record)) void this.#guarded(record, () => this.#learn(record, connection));
  }

  /** A former daemon started it: only its host knows with what. */
  async #learn(record: SessionRecord, connection: HostConnection): Promise<void> {
    const { env } = await connection.request("environment", {});
    this.#restarts.remember(record, env);
  }

  /**
   * The launch is over: by itself, or because its host was killed, and then what is left of it is ended too.
   * @param concerns the states this is news for; whoever starts or stops a session writes its own, better words
   */
  async #ended(record: SessionRecord, concerns = isReady): Promise<void> {
    const hosting = hostedHere(record, this.#environment.machineId);
    if (!hosting) return;
    const check = await this.#hosts.check(hosting);
    if (check.kind === "live") return this.#watch(record, hosting.launchId, check.connection);
    // A host that is being killed closes its socket before it is gone; one that is stopped may be woken.
    if (check.kind === "silent") return this.#later(record, () => this.#ended(record, concerns));
    this.#report(record, hosting, await this.#hosts.endLeftovers(record, hosting));
    const tail = this.#environment.output.tail(hosting.directory, tailLines);
    await this.#registry.update(sessionKey(record), (current) => {
      const sameLaunch = current.hosting?.kind === "hosted" && current.hosting.launchId === hosting.launchId;
      if (!sameLaunch || !concerns(current.state)) return undefined;
      const at = { now: this.#environment.now(), random: Math.random() };
      // Whoever began to stop it wanted just that.
      if (current.state.kind === "stopping") return inState(current, stoppedState(at.now, check.exit));
      return inState(current, endedState(current, check.exit, tail, at));
    });
  }

  /** What could not be ended is ended later. */
  #report(record: SessionRecord, hosting: Hosted, survivors: readonly ProcessView[]): void {
    if (survivors.length === 0) return;
    this.#environment.cleanups.owe(leftoversOf(record, hosting), stopIncomplete(record.session, survivors));
  }

  #later(record: SessionRecord, work: () => Promise<void>, ms = againMs): void {
    if (this.#scope.disposed) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      void this.#insist(record, work, Math.min(ms * 2, longestPauseMs));
    }, ms);
    this.#timers.add(timer);
  }

  /** Tries it until it succeeds, or the session isn't in that launch any more. */
  async #insist(record: SessionRecord, work: () => Promise<void>, pauseMs = againMs): Promise<void> {
    if (await this.#guarded(record, work)) return;
    const current = this.#registry.peek(sessionKey(record));
    if (current?.startedAt === record.startedAt && isLive(current.state)) this.#later(record, work, pauseMs);
  }

  async #compare(): Promise<void> {
    if (this.#comparing) return;
    this.#comparing = true;
    try {
      const ready = this.#registry.all().filter(({ state }) => state.kind === "ready");
      for (const record of ready) await this.#guarded(record, () => this.#compareOne(record));
    } finally {
      this.#comparing = false;
    }
  }

  async #compareOne(record: SessionRecord): Promise<void> {
    const { hosting } = record;
    if (!hosting || hosting.machineId !== this.#environment.machineId) return;
    if (await listensAsRecorded(record, this.#environment)) return;
    const key = sessionKey(record);
    const moved = await this.#moves.find(record);
    await this.#registry.update(key, (current) => {
      if (current !== this.#registry.peek(key) || current.state.kind !== "ready") return undefined;
      if (moved) return inState(current, { ...current.state, ...moved });
      if (hosting.kind === "adopted")
        return inState(current, { kind: "stopped", since: this.#environment.now() });
      return undefined;
    });
  }

  /** @returns whether it succeeded; true also after disposal */
  async #guarded(record: SessionRecord, work: () => Promise<void>): Promise<boolean> {
    const key = sessionKey(record);
    this.#settling.set(key, (this.#settling.get(key) ?? 0) + 1);
    try {
      await work();
      return true;
    } catch (error) {
      if (this.#scope.disposed) return true;
      const level = hasCode(error, "STORE_UNAVAILABLE") ? "debug" : "warn";
      this.#environment.log[level](
        { err: error, session: record.session },
        "a session could not be supervised",
      );
      return false;
    } finally {
      const left = (this.#settling.get(key) ?? 1) - 1;
      if (left > 0) this.#settling.set(key, left);
      else this.#settling.delete(key);
    }
  }

  dispose(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#scope.dispose();
  }
}

function isReady(state: SessionState): boolean {
  return state.kind === "ready";
}
