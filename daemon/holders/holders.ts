import { type Disposable, every, Scope } from "../../shared/base/disposable.ts";
import { Emitter } from "../../shared/base/emitter.ts";
import type { Log } from "../../shared/base/log.ts";
import {
  type Holder,
  type HolderView,
  isPerson,
  isSameParty,
  isSameUser,
} from "../../shared/model/holder.ts";
import { holdersKey, holdersOf, type SessionPlace, sessionOf } from "../../shared/model/keys.ts";
import { sessionName } from "../../shared/model/session-names.ts";
import type { Processes } from "../processes/processes.ts";
import type { RecordChange } from "../store/record-table.ts";
import type { RecordStore } from "../store/store.ts";
import type { Caller } from "./callers.ts";
import { EndedWindows } from "./ended-windows.ts";
import { type HolderRecord, HolderRecords } from "./records.ts";

export interface HoldersDependencies {
  readonly records: RecordStore;
  readonly processes: Pick<Processes, "isAlive">;
  readonly log: Log;
  readonly machineId: string;
  /** This machine's name, for people. */
  readonly machine: string;
  /** Whether a session is known not to run. */
  readonly isStopped: (place: SessionPlace) => boolean;
  /** Milliseconds since the epoch by the store's clock, which all machines share. */
  readonly now: () => Promise<number>;
}

/** How often holders that ended are looked for while a client watches, in milliseconds. */
const roundMs = 30_000;
/** How old the record of a machine gets before that machine confirms it, in milliseconds. */
const confirmAfterMs = 60_000;
/** How old it is when that machine is taken for gone, and what it says for void, in milliseconds. */
const voidAfterMs = 3 * 60_000;

/**
 * Who uses which session. Every machine keeps its holders in the store and asks its own operating system whether they
 * live, so they outlast connections and daemons. Nothing is polled unless a client watches.
 */
export class Holders implements Disposable {
  readonly #dependencies: HoldersDependencies;
  readonly #scope = new Scope();
  readonly #records: HolderRecords;
  readonly #changed = this.#scope.add(new Emitter<string>());
  /** The last change under way of each record. */
  readonly #editing = new Map<string, Promise<void>>();
  /** What this machine's records were before the store may have lost them. */
  readonly #kept = new Map<string, readonly Holder[]>();
  readonly #endedWindows = new EndedWindows();
  #watchers = 0;
  #round: Disposable | undefined;

  /** Fires with the key of a session whose holders changed. */
  readonly onChanged = this.#changed.event;

  constructor(dependencies: HoldersDependencies) {
    this.#dependencies = dependencies;
    this.#records = this.#scope.add(new HolderRecords(dependencies.records, dependencies.log));
    this.#scope.add(this.#records.onChanged((change) => this.#take(change)));
    this.#scope.defer(() => this.#round?.dispose());
  }

  /** Reads what former daemons and other machines know. @throws DevlatchError `STORE_UNAVAILABLE` */
  async begin(): Promise<void> {
    await this.#records.load();
    await this.dropEnded();
  }

  /**
   * From now on the caller holds the session.
   * @returns whether it didn't before
   * @throws DevlatchError `STORE_UNAVAILABLE`, `RECORD_CONFLICT`
   */
  async join(place: SessionPlace, caller: Caller): Promise<boolean> {
    const isHere = (holder: Holder) => isSameUser(holder, caller);
    if (this.#own(place).some(isHere)) return false;
    await this.#edit(place, (holders) =>
      holders.some(isHere) ? holders : [...holders, { ...caller, since: Date.now() }],
    );
    return true;
  }

  /** The caller holds the session no more. @throws DevlatchError `STORE_UNAVAILABLE`, `RECORD_CONFLICT` */
  leave(place: SessionPlace, caller: Caller): Promise<void> {
    return this.#edit(place, (holders) =>
      holders.some((one) => isSameUser(one, caller))
        ? holders.filter((one) => !isSameUser(one, caller))
        : holders,
    );
  }

  /** A window that was reloaded goes on holding what it held. @throws DevlatchError `STORE_UNAVAILABLE` */
  async comeBack(caller: Caller): Promise<void> {
    if (caller.kind !== "window") return;
    await this.dropEnded();
    for (const place of this.#endedWindows.take(caller.label)) {
      if (!this.#dependencies.isStopped(place)) await this.join(place, caller);
    }
  }

  /**
   * Writes down again who holds a session that runs, where the store lost it. @throws DevlatchError `STORE_UNAVAILABLE`
   */
  async bringBack(place: SessionPlace): Promise<void> {
    const key = holdersKey(place, this.#dependencies.machineId);
    const kept = this.#kept.get(key) ?? [];
    if (kept.length === 0 || this.#records.peek(key)) return;
    await this.#edit(place, (holders) => (holders.length > 0 ? holders : kept));
  }

  /** The session has no holders any more, on any machine. @throws DevlatchError `STORE_UNAVAILABLE` */
  async forget(place: SessionPlace): Promise<void> {
    await this.#records.refresh(place);
    for (const { machineId } of this.#records.of(place)) {
      await this.#records.remove(holdersKey(place, machineId));
    }
  }

  /** The holders as last seen, the longest first. */
  of(place: SessionPlace): readonly HolderView[] {
    return this.#views(this.#records.of(place));
  }

  /**
   * All but the caller, and the other processes of its agent, that hold the session now. Those of another machine count
   * until that says otherwise or the session is stopped: asking once too often does no harm.
   * @throws DevlatchError `STORE_UNAVAILABLE`
   */
  async others(place: SessionPlace, caller: Caller | undefined): Promise<readonly HolderView[]> {
    await this.#look(place);
    const own = this.#own(place);
    const others = this.#records.of(place).map((record) => {
      const ours = record.machineId === this.#dependencies.machineId;
      return ours ? { ...record, holders: own.filter((one) => !isSameParty(one, caller)) } : record;
    });
    return this.#views(others);
  }

  /**
   * Whether the session has a holder now. A machine that didn't confirm its holders for three minutes is taken for
   * gone.
   * @throws DevlatchError `STORE_UNAVAILABLE`
   */
  async isHeld(place: SessionPlace): Promise<boolean> {
    await this.#look(place);
    if (this.#own(place).length > 0) return true;
    const others = this.#records.of(place).filter(({ holders }) => holders.length > 0);
    if (others.length === 0) return false;
    const now = await this.#dependencies.now();
    return others.some(({ seenAt }) => now - seenAt < voidAfterMs);
  }

  /** Whether a person used the session since it was last stopped, also one who has left. */
  wasUsedByPerson(place: SessionPlace): boolean {
    return this.#records.of(place).some(({ person }) => person === true);
  }

  /**
   * When the last holder of this machine was found to have left, in milliseconds by the store's clock; undefined where it
   * never had one.
   */
  unusedSince(place: SessionPlace): number | undefined {
    return this.#records.peek(holdersKey(place, this.#dependencies.machineId))?.seenAt;
  }

  /** Tells the other machines that this one still knows of its holders, if that is due. */
  async confirm(place: SessionPlace): Promise<void> {
    await this.#dropEnded(place);
    const record = this.#records.peek(holdersKey(place, this.#dependencies.machineId));
    if (!record || record.holders.length === 0) return;
    const due = (await this.#dependencies.now()) - record.seenAt >= confirmAfterMs;
    if (due) await this.#edit(place, (holders) => [...holders]);
  }

  /** Drops the holders of this machine that have ended. Never rejects. */
  async dropEnded(): Promise<void> {
    const own = this.#records.all().filter(({ machineId }) => machineId === this.#dependencies.machineId);
    for (const place of own) {
      await this.#dropEnded(place).catch((error: unknown) =>
        this.#dependencies.log.debug({ err: error, session: place.session }, "ended holders stay for now"),
      );
    }
  }

  /** Keeps what is shown true for as long as a client looks at it. */
  watch(): Disposable {
    this.#watchers++;
    this.#round ??= every(roundMs, () => void this.dropEnded());
    const scope = new Scope();
    scope.defer(() => {
      if (--this.#watchers > 0) return;
      this.#round?.dispose();
      this.#round = undefined;
    });
    return scope;
  }

  dispose(): void {
    this.#scope.dispose();
  }

  #take({ key, record }: RecordChange<HolderRecord>): void {
    const { session, machineId } = holdersOf(key);
    if (machineId === this.#dependencies.machineId) {
      if (record) this.#kept.set(key, record.holders);
      else if (this.#dependencies.isStopped(sessionOf(session))) this.#kept.delete(key);
    }
    this.#changed.fire(session);
  }

  #own(place: SessionPlace): readonly Holder[] {
    return this.#records.peek(holdersKey(place, this.#dependencies.machineId))?.holders ?? [];
  }

  #views(records: readonly HolderRecord[]): readonly HolderView[] {
    return records
      .flatMap(({ machineId, machine, holders }) => {
        const where = machineId === this.#dependencies.machineId ? "" : ` on ${machine}`;
        return holders.map(({ kind, label, since }) => ({ kind, label: label + where, since, machine }));
      })
      .sort((a, b) => a.since - b.since);
  }

  async #look(place: SessionPlace): Promise<void> {
    await this.#records.refresh(place);
    await this.#dropEnded(place);
  }

  async #dropEnded(place: SessionPlace): Promise<void> {
    const holders = this.#own(place);
    const alive = await Promise.all(holders.map((holder) => this.#isAlive(holder)));
    const ended = holders.filter((_, index) => !alive[index]);
    if (ended.length === 0) return;
    this.#endedWindows.add(place, ended);
    await this.#edit(place, (all) => all.filter((one) => !ended.some((gone) => isSameUser(gone, one))));
  }

  /** What an agent left running uses nothing once the agent itself has ended. */
  async #isAlive(holder: Holder): Promise<boolean> {
    const { processes } = this.#dependencies;
    if (!(await processes.isAlive(holder))) return false;
    return holder.agent === undefined || processes.isAlive(holder.agent);
  }

  /** One change of a record at a time: those of this daemon would only be in each other's way. */
  #edit(place: SessionPlace, change: (holders: readonly Holder[]) => readonly Holder[]): Promise<void> {
    const key = holdersKey(place, this.#dependencies.machineId);
    const before = this.#editing.get(key) ?? Promise.resolve();
    const edit = before
      .catch(() => {})
      .then(() => this.#records.edit(key, (known) => this.#next(place, known, change)));
    this.#editing.set(key, edit);
    const over = () => {
      if (this.#editing.get(key) === edit) this.#editing.delete(key);
    };
    edit.then(over, over);
    return edit;
  }

  /** This machine's record of the session after a change; undefined where it stays as it is. */
  async #next(
    { sandboxId, app }: SessionPlace,
    known: HolderRecord | undefined,
    change: (holders: readonly Holder[]) => readonly Holder[],
  ): Promise<HolderRecord | undefined> {
    const { machineId, machine, now } = this.#dependencies;
    const before = known?.holders ?? [];
    const holders = change(before);
    if (holders === before || (!known && holders.length === 0)) return undefined;
    const own = { session: sessionName(app), fence: 0, sandboxId, app, machineId, machine };
    const person = known?.person || holders.some(isPerson);
    return { ...own, ...(person && { person: true }), seenAt: await now(), holders: [...holders] };
  }
}
