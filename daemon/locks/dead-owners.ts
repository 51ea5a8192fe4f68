import * as z from "zod";
import type { Disposable } from "../../shared/base/disposable.ts";
import type { Log } from "../../shared/base/log.ts";
import { parseRecordKey } from "../../shared/model/keys.ts";
import { ProcessIdentity } from "../../shared/model/process-identity.ts";
import type { Processes } from "../processes/processes.ts";
import { RecordTable } from "../store/record-table.ts";
import type { LockStore, RecordStore, Versioned } from "../store/store.ts";
import type { DeadOwnerLook } from "./lock-service.ts";

/** A daemon that takes locks, as others that see the same processes can find it. */
const DaemonRecord = z.object({
  process: ProcessIdentity,
  /** See `Processes.space`. */
  space: z.string(),
  /** Milliseconds since the epoch. */
  announcedAt: z.number(),
});
type DaemonRecord = z.infer<typeof DaemonRecord>;

/** Records of daemons whose end wasn't seen (a container thrown away) go after this time, in milliseconds. */
const forgottenAfterMs = 7 * 24 * 3_600_000;

export interface DeadOwnersDependencies {
  readonly locks: LockStore;
  readonly records: RecordStore;
  readonly processes: Processes;
  readonly log: Log;
  /** This daemon's; its tokens begin with it. */
  readonly instance: string;
}

/**
 * Daemons on one store tell each other who they are; a daemon that waits for a lock frees it at once where the
 * operating system proves that its owner's process has ended. Silence proves nothing: owners elsewhere keep their locks
 * until these expire.
 */
export class DeadOwners implements DeadOwnerLook, Disposable {
  readonly #dependencies: DeadOwnersDependencies;
  readonly #daemons: RecordTable<DaemonRecord>;
  readonly #following: Disposable;
  /** Settles when all records were read; undefined: to be done. */
  #loaded: Promise<void> | undefined;
  #looking: Promise<boolean> | undefined;

  constructor(dependencies: DeadOwnersDependencies) {
    const { records, log, instance } = dependencies;
    this.#dependencies = dependencies;
    const keyOf = () => instance;
    this.#daemons = new RecordTable(records, { kind: "daemon", schema: DaemonRecord, keyOf }, log);
    // A store that lost its data is told again.
    this.#following = this.#daemons.onChanged(({ key, record }) => {
      if (key === instance && !record) void this.#announce().catch(() => {});
    });
  }

  /**
   * Makes this daemon known, and forgets the ones that are long gone.
   * @throws DevlatchError `STORE_UNAVAILABLE`
   */
  async begin(): Promise<void> {
    await this.#announce();
    await this.#load();
    const now = Date.now();
    for (const [instance, { announcedAt }] of this.#daemons.entries()) {
      const isOld = now - announcedAt > forgottenAfterMs && instance !== this.#dependencies.instance;
      if (isOld) await this.#daemons.remove(instance);
    }
    await this.free();
  }

  /** Takes this daemon off the list; it holds nothing any more. Never rejects. */
  async leave(): Promise<void> {
    this.#following.dispose();
    await this.#daemons.remove(this.#dependencies.instance).catch(() => {});
    this.dispose();
  }

  free(): Promise<boolean> {
    this.#looking ??= this.#free()
      .catch((error: unknown) => {
        this.#dependencies.log.debug({ err: error }, "owners of locks can't be looked at");
        return false;
      })
      .finally(() => {
        this.#looking = undefined;
      });
    return this.#looking;
  }

  dispose(): void {
    this.#following.dispose();
    this.#daemons.dispose();
  }

  async #free(): Promise<boolean> {
    const dead = await this.ended();
    for (const { instance } of dead) await this.#bury(instance);
    return dead.length > 0;
  }

  /**
   * Releases what a daemon held that is known to have ended, and forgets it. Idempotent.
   * @throws DevlatchError `STORE_UNAVAILABLE`
   */
  async release(instance: string): Promise<void> {
    await this.#dependencies.locks.abandon(instance);
    await this.#daemons.remove(instance);
  }

  /** The daemons of this store that have surely ended, and whose locks aren't released yet. */
  async ended(): Promise<readonly { readonly instance: string; readonly pid: number }[]> {
    await this.#load();
    const { processes, instance } = this.#dependencies;
    const space = await processes.space();
    const peers = this.#daemons.entries().filter(([key, peer]) => key !== instance && peer.space === space);
    const ended = await Promise.all(peers.map(([, peer]) => processes.hasEnded(peer.process)));
    return peers
      .filter((_, at) => ended[at])
      .map(([key, peer]) => ({ instance: key, pid: peer.process.pid }));
  }

  async #bury(instance: string): Promise<void> {
    this.#dependencies.log.info({ instance }, "a daemon of this machine has died; its locks are released");
    await this.release(instance);
  }

  #load(): Promise<void> {
    this.#loaded ??= this.#daemons.load().catch((error: unknown) => {
      this.#loaded = undefined;
      throw error;
    });
    return this.#loaded;
  }

  async #announce(): Promise<void> {
    const { processes, instance } = this.#dependencies;
    const [space, self] = await Promise.all([processes.space(), processes.identify(process.pid)]);
    if (space === undefined || self === undefined) return;
    const record: DaemonRecord = { process: self, space, announcedAt: Date.now() };
    await this.#daemons.edit(instance, (known) => (known ? undefined : record));
  }
}

/**
 * Another daemon that surely sees the same processes and hasn't surely ended, in words.
 * @param daemons the records of daemons, as a store has them
 */
export async function rivalAmong(
  daemons: readonly Versioned[],
  { processes, instance }: Pick<DeadOwnersDependencies, "processes" | "instance">,
): Promise<string | undefined> {
  const space = await processes.space();
  for (const { key, value } of daemons) {
    const peer = DaemonRecord.safeParse(value).data;
    if (!peer || peer.space !== space || parseRecordKey(key)?.id === instance) continue;
    if (!(await processes.hasEnded(peer.process)))
      return `Another daemon of this machine (process ${peer.process.pid})`;
  }
  return undefined;
}
