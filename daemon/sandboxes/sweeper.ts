import { type Disposable, every, Scope } from "../../shared/base/disposable.ts";
import { hasCode } from "../../shared/base/errors.ts";
import type { OpenPool, PoolAccess } from "./access.ts";
import { resolveCommit } from "./checkout.ts";
import type { PoolDependencies } from "./dependencies.ts";
import { hasTrustedFilters } from "./filters.ts";
import { isClaimed, isUnfinished, type PoolRecord } from "./pool-record.ts";
import type { PoolRegistry } from "./registry.ts";

export interface SweepTerms {
  /** Time between two sweeps, in milliseconds. */
  readonly everyMs: number;
  /** How long a spare beyond `sandboxes.warm` stays, in milliseconds. */
  readonly spareMs: number;
}

/** How long a refill waits for the pool's lock, in milliseconds: claims come first. */
const refillWaitMs = 60_000;

/**
 * Keeps the pools of this machine in shape: takes back what is idle, removes spares that aren't needed, makes the warm
 * ones.
 */
export class Sweeper implements Disposable {
  readonly #dependencies: PoolDependencies;
  readonly #registry: PoolRegistry;
  readonly #access: PoolAccess;
  readonly #terms: SweepTerms;
  readonly #scope = new Scope();
  readonly #stopped = new AbortController();
  readonly #refilling = new Set<string>();
  #begun = false;

  constructor(
    dependencies: PoolDependencies,
    registry: PoolRegistry,
    access: PoolAccess,
    terms: SweepTerms = { everyMs: 60_000, spareMs: 10 * 60_000 },
  ) {
    this.#dependencies = dependencies;
    this.#registry = registry;
    this.#access = access;
    this.#terms = terms;
    this.#scope.defer(() => this.#stopped.abort(new Error("The daemon is shutting down.")));
  }

  /** Idempotent. */
  begin(): void {
    if (this.#begun) return;
    this.#begun = true;
    this.#scope.add(every(this.#terms.everyMs, () => void this.sweep()));
    void this.#finishBegun();
  }

  /** What killed daemons left half done is finished at once, not when a sandbox is wanted next. */
  async #finishBegun(): Promise<void> {
    const begun = this.#own().filter(({ slots }) => slots.some(isUnfinished));
    await Promise.all(
      begun.map((pool) => this.#guarded(pool, () => this.#access.tidy(pool, this.#stopped.signal))),
    );
  }

  #own(): readonly PoolRecord[] {
    return this.#registry.all().filter(({ machineId }) => machineId === this.#dependencies.machineId);
  }

  /** Looks after every pool of this machine. Never rejects. */
  async sweep(): Promise<void> {
    await Promise.all(
      this.#own().map(async (pool) => {
        if (pool.slots.length === 0) return;
        await this.#guarded(pool, () => this.#tidy(pool));
        await this.refill(pool);
      }),
    );
  }

  /** Makes warm spares, one at a time, so that claims get in between. Never rejects. */
  async refill(pool: PoolRecord): Promise<void> {
    if (this.#refilling.has(pool.poolId)) return;
    this.#refilling.add(pool.poolId);
    try {
      await this.#guarded(pool, async () => {
        const { warm } = await this.#dependencies.workspace.pool(pool.root);
        while (warm > 0 && (await this.#makeSpare(pool)));
      });
    } finally {
      this.#refilling.delete(pool.poolId);
    }
  }

  #makeSpare(pool: PoolRecord): Promise<boolean> {
    const terms = { purpose: "making a spare sandbox", waitMs: refillWaitMs, signal: this.#stopped.signal };
    return this.#access.open(pool, terms, async ({ edit, claims, settings, signal }) => {
      if (spares(edit.record).length >= settings.warm) return false;
      if (!(await hasTrustedFilters(edit, signal))) return false;
      const commit = await resolveCommit(pool.main, "HEAD", signal);
      return (await claims.create(commit)) !== undefined;
    });
  }

  #tidy(pool: PoolRecord): Promise<void> {
    const terms = { purpose: "tidying up sandboxes", waitMs: 0, signal: this.#stopped.signal };
    return this.#access.open(pool, terms, async (open) => {
      const now = await this.#dependencies.now();
      for (const slot of open.edit.slots.filter(isClaimed)) {
        if (slot.state.expires > now) continue;
        await this.#guarded(pool, async () => {
          if (!(await open.cleaner.isReapable(slot))) return;
          await open.cleaner.tearDown(slot, undefined);
          await open.cleaner.reset(slot);
          const { sandboxId, path, state } = slot;
          this.#dependencies.onHappened?.({
            sandboxId,
            path,
            change: { kind: "reaped", owner: state.owner },
          });
        });
        open.signal.throwIfAborted();
      }
      await this.#removeSurplus(open, now);
    });
  }

  async #removeSurplus({ edit, cleaner, settings, signal }: OpenPool, now: number): Promise<void> {
    const idleFirst = [...spares(edit.record)].sort((a, b) => a.state.since - b.state.since);
    const surplus = idleFirst.slice(0, Math.max(0, idleFirst.length - settings.warm));
    for (const slot of surplus) {
      if (now - slot.state.since < this.#terms.spareMs) continue;
      await this.#guarded(edit.record, () => cleaner.remove(slot));
      signal.throwIfAborted();
    }
  }

  async #guarded(pool: PoolRecord, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      // Held: its owner does the same work first.
      const usual = hasCode(error, "LOCK_HELD") || hasCode(error, "STORE_UNAVAILABLE");
      if (this.#scope.disposed || usual) return;
      this.#dependencies.log.warn(
        { err: error, pool: pool.main },
        "a sandbox pool could not be looked after",
      );
    }
  }

  dispose(): void {
    this.#scope.dispose();
  }
}

function spares({ slots }: PoolRecord) {
  return slots.filter(({ state }) => state.kind === "spare");
}
