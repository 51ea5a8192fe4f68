import * as z from "zod";
import { type Disposable, Scope } from "../../shared/base/disposable.ts";
import type { Log } from "../../shared/base/log.ts";
import { ProcessIdentity } from "../../shared/model/process.ts";
import type { Processes } from "../processes/contract.ts";
import type { LockStore, RecordStore, Versioned } from "../store/contract.ts";
import type { DeadOwnerLook } from "./lock-service.ts";

const prefix = "daemon/";

/** A daemon that takes locks, as others that see the same processes can find it. */
const DaemonRecord = z.object({
  process: ProcessIdentity,
  /** See `Processes.space`. */
  space: z.string(),
  /** Milliseconds since the epoch. */
  announcedAt: z.number(),
});
type DaemonRecord = z.infer<typeof DaemonRecord>;

interface Peer {
  readonly instance: string;
  readonly process: ProcessIdentity;
}

/** Records of daemons whose end nobody saw (a container thrown away) go after this time, in milliseconds. */
const forgottenAfterMs = 7 * 24 * 3_600_000;

export interface DeadOwnersEnvironment {
  readonly locks: LockStore;
  readonly records: RecordStore;
  readonly processes: Processes;
  readonly log: Log;
  /** This daemon's; its tokens begin with it. */
  readonly instance: string;
}

/**
 * Daemons on one store tell each other who they are; whoever waits for a lock frees it at once where the operating
 * system proves that its owner's process has ended. Silence proves nothing: owners elsewhere keep their locks until
 * these expire.
 */
export class DeadOwners implements DeadOwnerLook, Disposable {
  readonly #environment: DeadOwnersEnvironment;
  readonly #scope = new Scope();
  /** Daemons that see the same processes; undefined: to be read. */
  #peers: readonly Peer[] | undefined;
  #changes = 0;
  #looking: Promise<boolean> | undefined;

  constructor(environment: DeadOwnersEnvironment) {
    this.#environment = environment;
    this.#scope.add(environment.records.onChanged(({ key }) => this.#follow(key)));
  }

  /**
   * Makes this daemon known, and forgets the ones that are long gone.
   * @throws DevlatchError `STORE_UNAVAILABLE`
   */
  async begin(): Promise<void> {
    const { records, instance } = this.#environment;
    await this.#write();
    const now = Date.now();
    for (const entry of await records.list(prefix)) {
      const record = DaemonRecord.safeParse(entry.value).data;
      const old = record && now - record.announcedAt > forgottenAfterMs;
      if (old && entry.key !== prefix + instance) await records.delete(entry.key, entry.version);
    }
    await this.free();
  }

  /** Takes this daemon off the list; it holds nothing any more. Never rejects. */
  async leave(): Promise<void> {
    this.dispose();
    await this.#remove(this.#environment.instance).catch(() => {});
  }

  free(): Promise<boolean> {
    this.#looking ??= this.#free()
      .catch((error: unknown) => {
        this.#environment.log.debug({ err: error }, "owners of locks can't be looked at");
        return false;
      })
      .finally(() => {
        this.#looking = undefined;
      });
    return this.#looking;
  }

  dispose(): void {
    this.#scope.dispose();
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
    await this.#environment.locks.abandon(instance);
    await this.#remove(instance);
  }

  /** The daemons of this store that have surely ended, and whose locks nobody has released yet. */
  async ended(): Promise<readonly { readonly instance: string; readonly pid: number }[]> {
    const peers = await this.#readPeers();
    const ended = await Promise.all(
      peers.map(({ process }) => this.#environment.processes.hasEnded(process)),
    );
    return peers
      .filter((_, index) => ended[index])
      .map(({ instance, process }) => ({ instance, pid: process.pid }));
  }

  async #bury(instance: string): Promise<void> {
    this.#environment.log.info({ instance }, "a daemon of this machine has died; its locks are released");
    await this.release(instance);
  }

  async #readPeers(): Promise<readonly Peer[]> {
    if (this.#peers) return this.#peers;
    const changes = this.#changes;
    const peers = await this.#read();
    if (changes === this.#changes) this.#peers = peers;
    return peers;
  }

  async #read(): Promise<readonly Peer[]> {
    const { records, processes, instance } = this.#environment;
    const space = await processes.space();
    const peers = (await records.list(prefix)).map(toPeer).filter((peer) => peer !== undefined);
    return peers.filter((peer) => peer.space === space && peer.instance !== instance);
  }

  async #write(): Promise<void> {
    const { processes, records, instance } = this.#environment;
    const [space, self] = await Promise.all([processes.space(), processes.identify(process.pid)]);
    if (space === undefined || self === undefined) return;
    const record: DaemonRecord = { process: self, space, announcedAt: Date.now() };
    const known = await records.get(prefix + instance);
    if (!known) await records.put(prefix + instance, record, 0);
  }

  async #remove(instance: string): Promise<void> {
    const { records } = this.#environment;
    const known = await records.get(prefix + instance);
    if (known) await records.delete(known.key, known.version);
  }

  /** A store that lost its data is told again. */
  #follow(key: string): void {
    if (!key.startsWith(prefix)) return;
    this.#peers = undefined;
    this.#changes++;
    if (key === prefix + this.#environment.instance) void this.#write().catch(() => {});
  }
}

/**
 * Another daemon that surely sees the same processes and hasn't surely ended, in words.
 * @param daemons the records of daemons, as a store has them
 */
export async function rivalAmong(
  daemons: readonly Versioned[],
  { processes, instance }: Pick<DeadOwnersEnvironment, "processes" | "instance">,
): Promise<string | undefined> {
  const space = await processes.space();
  for (const peer of daemons.map(toPeer)) {
    if (!peer || peer.space !== space || peer.instance === instance) continue;
    if (!(await processes.hasEnded(peer.process)))
      return `Another daemon of this machine (process ${peer.process.pid})`;
  }
  return undefined;
}

function toPeer({ key, value }: Versioned): (Peer & { readonly space: string }) | undefined {
  const record = DaemonRecord.safeParse(value).data;
  return record && { instance: key.slice(prefix.length), process: record.process, space: record.space };
}
