import { Scope } from "../../../shared/base/disposable.ts";
import { hasCode } from "../../../shared/base/errors.ts";
import type { Log } from "../../../shared/base/log.ts";
import { digest } from "../../../shared/base/token.ts";
import { parseRecordKey, recordPrefix } from "../../../shared/model/keys.ts";
import type { RecordStore, Store, Versioned } from "../store.ts";
import { Authority } from "./authority.ts";
import { OutageLocks } from "./locks.ts";
import { Mirror } from "./mirror.ts";
import { OutageRecords } from "./records.ts";

export interface OutageStoreOptions {
  readonly shared: Store;
  /** The shared store's records as far as they are believed; by default as they are. */
  readonly records?: RecordStore;
  /** Names the shared store: what is kept for an outage of one is no use for another. */
  readonly origin: string;
  /** A file of this daemon alone. */
  readonly local: Store;
  readonly log: Log;
  /** Another daemon of this machine that lives and shares the store, in words, from the records of daemons. */
  readonly rivalAmong: (daemons: readonly Versioned[]) => Promise<string | undefined>;
}

/**
 * A shared store, and what goes on while it is away: sandboxes that are of this machine alone, under this daemon's own
 * authority. What concerns others is refused then, with `STORE_UNAVAILABLE`. When the store is back it is told what
 * happened, by fence.
 */
export async function openOutageStore(options: OutageStoreOptions): Promise<Store> {
  const { local, log } = options;
  const origin = digest(options.origin);
  // Former owners of locks here are dead: the file is this daemon's alone.
  await local.locks.abandon("");
  const mirror = await Mirror.open(local.records, origin);
  const store = new OutageStore(options, origin, mirror);
  await store.opened().catch((error: unknown) => log.debug({ err: error }, "the shared store is away"));
  return store;
}

class OutageStore implements Store {
  readonly kind: Store["kind"];
  readonly locks: OutageLocks;
  readonly records: OutageRecords;
  readonly #shared: Store;
  readonly #local: Store;
  readonly #options: OutageStoreOptions;
  readonly #origin: string;
  readonly #mirror: Mirror;
  readonly #authority: Authority;
  readonly #owned = new Scope();

  constructor(options: OutageStoreOptions, origin: string, mirror: Mirror) {
    const { shared, local, log } = options;
    this.kind = shared.kind;
    this.#shared = shared;
    this.#local = local;
    this.#options = options;
    this.#origin = origin;
    this.#mirror = mirror;
    const authority = () => this.#authority;
    this.locks = new OutageLocks(shared.locks, local.locks, authority);
    this.records = new OutageRecords(options.records ?? shared.records, mirror, authority);
    const changedBefore = mirror.entries().some(([, { state }]) => state !== "equal");
    const isBack = () => shared.healthy;
    this.#authority = this.#owned.add(new Authority(this.#handover(), changedBefore, isBack, log));
    this.#owned.add(shared.onHealthChanged((healthy) => void (healthy && this.#onBack())));
    this.#owned.add(this.records.onChanged(({ key }) => this.#watchDaemons(key)));
  }

  get healthy(): boolean {
    return this.#shared.healthy;
  }

  get onHealthChanged() {
    return this.#shared.onHealthChanged;
  }

  /** @throws DevlatchError `STORE_UNAVAILABLE` */
  async opened(): Promise<void> {
    await this.#authority.giveBack();
    if (this.healthy) await this.#onBack();
  }

  now(): Promise<number> {
    return this.#authority.decide(
      () => this.#shared.now(),
      () => this.#local.now(),
    );
  }

  probe(signal: AbortSignal): Promise<number> {
    return this.#shared.probe(signal);
  }

  async close(): Promise<void> {
    this.#owned.dispose();
    await this.#shared.close();
    await this.#local.close();
  }

  dispose(): void {
    void this.close();
  }

  /** The daemons there are must be known before an outage. */
  async #onBack(): Promise<void> {
    await this.#authority.giveBack();
    try {
      await this.#mirror.confirm(this.#origin);
      await this.records.list(recordPrefix("daemon"));
    } catch (error) {
      if (!hasCode(error, "STORE_UNAVAILABLE")) throw error;
    }
  }

  #watchDaemons(key: string): void {
    if (parseRecordKey(key)?.kind === "daemon") this.records.get(key).catch(() => {});
  }

  #handover() {
    return {
      obstacle: async () => {
        if (!(await this.#mirror.isConfirmed())) {
          return "It has never been reached from here, so that it isn't known who shares it.";
        }
        const rival = await this.#options.rivalAmong(this.#mirror.list(recordPrefix("daemon")));
        return rival && `${rival} shares it too, so that neither can go on alone.`;
      },
      assume: () => this.locks.assume(this.records.highestFence),
      giveBack: async () => {
        await this.locks.giveBack();
        await this.records.giveBack();
      },
      announce: () => {
        this.locks.announce();
        this.records.announceAll().catch(() => {});
      },
    };
  }
}
