import { hasCode } from "../../shared/base/errors.ts";
import { defaultPorts } from "../../shared/model/app.ts";
import type { Cleanup } from "../../shared/model/cleanup.ts";
import { poolLockKey } from "../../shared/model/keys.ts";
import { type AppPorts, isServer } from "../../shared/model/sandbox.ts";
import type { PoolSettings } from "../detect/workspace.ts";
import type { LockGrant } from "../locks/lock-service.ts";
import { Claims } from "./claims.ts";
import type { PoolDependencies } from "./dependencies.ts";
import { PoolCleaner } from "./pool-cleaner.ts";
import { PoolEdit } from "./pool-edit.ts";
import { isUnfinished, type PoolRecord } from "./pool-record.ts";
import type { PortBlocks } from "./port-blocks.ts";
import type { PoolRegistry } from "./registry.ts";
import type { TokenFiles } from "./tokens.ts";

/** Which pool, and where its configuration is. */
export type PoolPlace = Pick<PoolRecord, "poolId" | "main" | "root">;

/** How the pool's lock is asked for. */
export interface AccessTerms {
  /** What for, in words, for people who look at the lock. */
  readonly purpose: string;
  /** Milliseconds; 0: not at all. */
  readonly waitMs: number;
  readonly signal: AbortSignal;
}

/** A pool, under its lock. */
export interface OpenPool {
  readonly edit: PoolEdit;
  readonly cleaner: PoolCleaner;
  readonly claims: Claims;
  readonly settings: PoolSettings;
  /** Aborts when the lock is lost or the caller gives up. */
  readonly signal: AbortSignal;
}

/** Expiry of the pool's lock unless renewed, in milliseconds. It is renewed as long as a creation or cleaning takes. */
const lockTtlMs = 60_000;

/** How long a cleanup waits for the pool's lock, in milliseconds: it is tried again anyway. */
const tidyWaitMs = 10_000;

/** The one way to change a pool: under its lock, after what a killed holder left was put in order. */
export class PoolAccess {
  readonly #dependencies: PoolDependencies;
  readonly #pools: PoolRegistry;
  readonly #blocks: PortBlocks;
  readonly #tokens: TokenFiles;

  constructor(dependencies: PoolDependencies, pools: PoolRegistry, blocks: PortBlocks, tokens: TokenFiles) {
    this.#dependencies = dependencies;
    this.#pools = pools;
    this.#blocks = blocks;
    this.#tokens = tokens;
  }

  /** @throws DevlatchError `CONFIG_INVALID`, what `withLock` throws, what `work` throws */
  async open<T>(place: PoolPlace, terms: AccessTerms, work: (pool: OpenPool) => Promise<T>): Promise<T> {
    const { locks, workspace } = this.#dependencies;
    const { purpose, waitMs, signal } = terms;
    const settings = await workspace.pool(place.root);
    const options = { ttlMs: lockTtlMs, waitMs, owner: `daemon ${process.pid}, ${purpose}`, signal };
    return locks.withLock(poolLockKey(place.poolId), options, (grant) =>
      this.#work(place, settings, { ...grant, signal: AbortSignal.any([signal, grant.signal]) }, work),
    );
  }

  async #work<T>(
    place: PoolPlace,
    settings: PoolSettings,
    { fence, signal }: LockGrant,
    work: (pool: OpenPool) => Promise<T>,
  ): Promise<T> {
    const dependencies = this.#dependencies;
    const { poolId, main, root } = place;
    const { machineId } = dependencies;
    const edit = await PoolEdit.open(this.#pools, {
      poolId,
      main,
      root,
      machineId,
      fence,
      slots: [],
      filters: [],
    });
    const before = edit.slots;
    const cleaner = new PoolCleaner(
      dependencies,
      edit,
      { keep: settings.keep, tokens: this.#tokens },
      signal,
    );
    const parts = {
      dependencies,
      edit,
      cleaner,
      settings,
      blocks: this.#blocks,
      tokens: this.#tokens,
      signal,
    };
    const claims = new Claims({ ...parts, bases: () => this.#bases(place.root) });
    try {
      const [trouble] = await cleaner.reconcile();
      if (trouble !== undefined) dependencies.cleanups.owe(tidying(edit.record), trouble);
      return await work({ edit, cleaner, claims, settings, signal });
    } catch (error) {
      // Whatever it was: what was begun is finished later. A daemon that lost the lock leaves that to its new owner.
      if (edit.slots.some(isUnfinished) && !hasCode(error, "LOCK_LOST"))
        dependencies.cleanups.owe(tidying(edit.record), error);
      throw error;
    } finally {
      if (before.some(({ name }) => !isAmong(edit, name))) await this.#giveUpPorts(edit, signal);
    }
  }

  /** Finishes what is left to do in a pool. @throws DevlatchError why something of it can't be done */
  tidy(place: PoolPlace, signal: AbortSignal): Promise<void> {
    const terms = { purpose: "finishing a cleanup", waitMs: tidyWaitMs, signal };
    return this.open(place, terms, async ({ edit, cleaner }) => {
      const [trouble] = await cleaner.reconcile();
      const names = edit.slots.map(({ name }) => name);
      await this.#blocks.keepOnly(place.poolId, names, signal);
      if (trouble !== undefined) throw trouble;
    });
  }

  /** The next creation gives them up too, but that may be long from now. */
  async #giveUpPorts({ record, slots }: PoolEdit, signal: AbortSignal): Promise<void> {
    try {
      await this.#blocks.keepOnly(
        record.poolId,
        slots.map(({ name }) => name),
        signal,
      );
    } catch (error) {
      this.#dependencies.cleanups.owe(tidying(record), error);
    }
  }

  /** Each app's port in the checkout itself; a block always has a port for a web app. */
  async #bases(root: string): Promise<AppPorts> {
    const { apps } = await this.#dependencies.workspace.describe(root);
    const found = apps.filter(isServer).map(({ app, port }) => [app, port] as const);
    return found.length > 0 ? Object.fromEntries(found) : { web: defaultPorts["web"] ?? 3000 };
  }
}

function isAmong({ slots }: PoolEdit, name: string): boolean {
  return slots.some((slot) => slot.name === name);
}

/** A pool that isn't in order, as something to be done later. */
function tidying({ poolId, main }: PoolRecord): Cleanup {
  return { what: "put in order the sandboxes of", thing: main, task: { kind: "tidy-pool", poolId } };
}
