import { realpath, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { abortable } from "../../shared/base/deadline.ts";
import { type Disposable, Scope } from "../../shared/base/disposable.ts";
import { SingleFlight } from "../../shared/base/single-flight.ts";
import { isWithin } from "../../shared/base/within.ts";
import type { ClaimedSandbox, PoolSandbox } from "../../shared/model/sandbox.ts";
import { PoolAccess, type PoolPlace } from "./access.ts";
import { findRepository, inMainCheckout, type Repository, resolveCommit } from "./checkout.ts";
import type { PoolDependencies } from "./dependencies.ts";
import { holdsRepositories, holdsWork, notClaimed, notOwned, serverRuns, unknownSandbox } from "./errors.ts";
import { requireTrustedFilters } from "./filters.ts";
import { type PoolLeftover, PoolLeftovers } from "./leftovers.ts";
import { type ClaimedSlot, isClaimed, type PoolRecord, type Slot, toPoolSandbox } from "./pool-record.ts";
import { PortBlocks } from "./port-blocks.ts";
import { PoolRegistry } from "./registry.ts";
import { Sweeper, type SweepTerms } from "./sweeper.ts";
import { TokenFiles, tokenDigest } from "./tokens.ts";
import { Waiting } from "./waiting.ts";

export interface ClaimRequest {
  readonly cwd: string;
  /** Who claims, in words. */
  readonly owner: string;
  /** Milliseconds. */
  readonly leaseMs: number;
  /** How long to wait for a sandbox where all are taken, in milliseconds; 0: not at all. */
  readonly waitMs: number;
  /** What to check out; by default what the caller's checkout has. */
  readonly ref?: string | undefined;
  /** Whether the user agrees to programs that the repository's own git configuration has run. */
  readonly yes?: boolean | undefined;
  /** Aborts when the sandbox isn't wanted any more; one that was given already is given back. */
  readonly signal: AbortSignal;
}

/** Which sandbox its owner means, and the proof of ownership. */
export interface OwnerRequest {
  readonly cwd: string;
  /** Id or path; by default the one that `cwd` is in. */
  readonly sandbox?: string | undefined;
  /** By default the one kept for callers in the sandbox's own directory. */
  readonly token?: string | undefined;
  readonly signal: AbortSignal;
}

export interface ReleaseRequest extends OwnerRequest {
  /** Uncommitted changes are no reason to refuse; they are kept on a branch too. */
  readonly discard: boolean;
  /** What the teardown inherits; without one, the daemon's own. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Whether it goes without the teardown. */
  readonly skipTeardown?: boolean | undefined;
}

export interface Released {
  readonly sandboxId: string;
  readonly path: string;
  /** The branch that keeps what existed nowhere else. */
  readonly rescued: string | null;
}

/** How long an operation waits for the pool's lock, in milliseconds: others may be making large worktrees. */
const lockWaitMs = 10 * 60_000;
/** How long finding out which repository a directory is in may take, in milliseconds. */
const lookMs = 30_000;

/** The sandbox pools of this machine: worktrees with port blocks, lent to one owner at a time. */
export class Sandboxes implements Disposable {
  readonly #dependencies: PoolDependencies;
  readonly #scope = new Scope();
  readonly #registry: PoolRegistry;
  readonly #access: PoolAccess;
  readonly #tokens: TokenFiles;
  readonly #waiting: Waiting;
  readonly #sweeper: Sweeper;
  readonly #repositories = new SingleFlight<Repository>();

  constructor(dependencies: PoolDependencies, sweeps?: SweepTerms) {
    const { locks, records, machineId, log, directory } = dependencies;
    this.#dependencies = dependencies;
    this.#registry = this.#scope.add(new PoolRegistry(records, log));
    this.#tokens = new TokenFiles(directory);
    const blocks = this.#scope.add(new PortBlocks(locks, records, machineId, log));
    this.#access = new PoolAccess(dependencies, this.#registry, blocks, this.#tokens);
    this.#waiting = new Waiting(this.#registry.onChanged);
    this.#sweeper = this.#scope.add(new Sweeper(dependencies, this.#registry, this.#access, sweeps));
  }

  /** Reads the pools and looks after them from now on. @throws DevlatchError `STORE_UNAVAILABLE` */
  async begin(): Promise<void> {
    await this.#registry.load();
    this.#sweeper.begin();
  }

  /** Looks after every pool now, as happens by itself from time to time. Never rejects. */
  sweep(): Promise<void> {
    return this.#sweeper.sweep();
  }

  /**
   * @throws DevlatchError `POOL_EXHAUSTED`, `DEADLINE` (waited in vain), `NOT_A_CHECKOUT`, `INVALID_INPUT` (the ref),
   *   `CONFIG_INVALID`, `CONSENT_REQUIRED`, `PORT_CONFLICT`, `GIT_FAILED`, `STORE_UNAVAILABLE`
   */
  async claim(request: ClaimRequest): Promise<ClaimedSandbox> {
    const { cwd, owner, leaseMs, waitMs, signal } = request;
    const repository = await this.#repositoryOf(cwd, signal);
    const commit = await resolveCommit(repository.top, request.ref ?? "HEAD", signal);
    const inMain = inMainCheckout(repository, (await this.#dependencies.workspace.locate(cwd)).root);
    const root = (await isDirectory(inMain)) ? inMain : repository.main;
    const place = { poolId: repository.poolId, main: repository.main, root };
    const terms = { purpose: `claiming a sandbox for ${owner}`, waitMs: lockWaitMs, signal };
    const attempt = () =>
      this.#access.open(place, terms, async ({ edit, claims, signal: held }) => {
        await requireTrustedFilters(edit, request.yes ?? false, held);
        return claims.claim({ owner, leaseMs, commit });
      });
    const claimed = await this.#waiting.obtain({ poolId: place.poolId, waitMs, signal }, attempt);
    if (signal.aborted) await this.#giveBack(claimed);
    signal.throwIfAborted();
    void this.#refill(place);
    return claimed;
  }

  /** Prolongs a lease from now on. @throws DevlatchError `SANDBOX_NOT_OWNED`, `UNKNOWN_SANDBOX` */
  async renew(request: OwnerRequest & { readonly leaseMs?: number | undefined }): Promise<PoolSandbox> {
    const { pool, slot, token } = await this.#identify(request);
    const terms = { purpose: "renewing a lease", waitMs: lockWaitMs, signal: request.signal };
    return this.#access.open(pool, terms, async ({ edit }) => {
      const current = owned(edit.slots, slot, token);
      const now = await this.#dependencies.now();
      const leaseMs = request.leaseMs ?? current.state.leaseMs;
      const state = { ...current.state, leaseMs, expires: now + leaseMs };
      return toPoolSandbox(await edit.to(current, state), now);
    });
  }

  /**
   * Takes a sandbox back: stops its servers, keeps what exists nowhere else on a branch, leaves no file.
   * @throws DevlatchError `SANDBOX_NOT_OWNED`, `UNKNOWN_SANDBOX`, `SANDBOX_CHANGED`, `SANDBOX_BUSY`,
   *   `CONSENT_REQUIRED`, `STOP_INCOMPLETE`, `GIT_FAILED`; as {@link PoolCleaner.tearDown}
   */
  async release(request: ReleaseRequest): Promise<Released> {
    const { pool, slot, token } = await this.#identify(request);
    const { sessions } = this.#dependencies;
    const terms = { purpose: "releasing a sandbox", waitMs: lockWaitMs, signal: request.signal };
    const released = await this.#access.open(pool, terms, async ({ edit, cleaner, signal }) => {
      const current = owned(edit.slots, slot, token);
      const work = await cleaner.work(current);
      if (work.repositories.length > 0) throw holdsRepositories(current, work.repositories);
      if (work.changed.length > 0 && !request.discard) throw holdsWork(current, work);
      await sessions.stop(current.sandboxId, signal);
      const listeners = await cleaner.listeners(current);
      if (listeners.length > 0) throw serverRuns(current, listeners);
      if (!request.skipTeardown) await cleaner.tearDown(current, request.env);
      const { rescued = null } = await cleaner.reset(current);
      const { sandboxId, path } = current;
      const { owner } = current.state;
      this.#dependencies.onHappened?.({ sandboxId, path, change: { kind: "released", owner, rescued } });
      return { sandboxId, path, rescued };
    });
    void this.#refill(pool);
    return released;
  }

  /** Every sandbox of the pool that the directory's repository has. @throws DevlatchError `NOT_A_CHECKOUT` */
  async list(cwd: string, signal: AbortSignal): Promise<readonly PoolSandbox[]> {
    const within = await this.at(cwd);
    const poolId = within?.pool.poolId ?? (await this.#repositoryOf(cwd, signal)).poolId;
    const pool = await this.#registry.read(poolId);
    const now = await this.#dependencies.now();
    return pool?.slots.map((slot) => toPoolSandbox(slot, now)) ?? [];
  }

  /**
   * Finishes what is left to do in a pool. Nothing where there is no such pool any more.
   * @throws DevlatchError why something of it can't be done
   */
  async tidy(poolId: string, signal: AbortSignal): Promise<void> {
    const pool = await this.#registry.read(poolId);
    if (pool?.machineId === this.#dependencies.machineId) await this.#access.tidy(pool, signal);
  }

  /** What of pools and worktrees doesn't fit together. @param heldLocks keys of the locks that are held now */
  leftovers(heldLocks: ReadonlySet<string>, signal: AbortSignal): Promise<readonly PoolLeftover[]> {
    return new PoolLeftovers(this.#dependencies, this.#registry, this.#access).find(heldLocks, signal);
  }

  /** The sandbox a directory is in. */
  async at(cwd: string): Promise<{ readonly pool: PoolRecord; readonly slot: Slot } | undefined> {
    const path = await realpath(cwd).catch(() => cwd);
    const { machineId } = this.#dependencies;
    const known = this.#registry.slotAt(path, machineId);
    if (known || !(await isLinkedWorktree(path))) return known;
    // Another daemon may have made it a moment ago.
    await this.#registry.load();
    return this.#registry.slotAt(path, machineId);
  }

  /** As {@link at}, for starting something there. @throws DevlatchError `SANDBOX_BUSY` if it isn't claimed */
  async forStart(cwd: string): Promise<{ readonly pool: PoolRecord; readonly slot: Slot } | undefined> {
    const known = await this.at(cwd);
    if (!known || isClaimed(known.slot)) return known;
    // What is known may be a moment old.
    await this.#registry.read(known.pool.poolId);
    const now = await this.at(cwd);
    if (now && !isClaimed(now.slot)) throw notClaimed(now.slot);
    return now;
  }

  /** Many may ask at once from one directory: git is asked once. */
  #repositoryOf(cwd: string, signal: AbortSignal): Promise<Repository> {
    const looking = this.#repositories.run(cwd, () =>
      findRepository(cwd, this.#dependencies.machineId, AbortSignal.timeout(lookMs)),
    );
    return abortable(looking, signal);
  }

  async #identify({ cwd, sandbox, token }: OwnerRequest) {
    const path = await realpath(cwd).catch(() => cwd);
    const found = sandbox === undefined ? await this.at(cwd) : await this.#find(sandbox, path);
    if (!found) throw unknownSandbox(sandbox ?? cwd);
    const isInside = isWithin(path, found.slot.path);
    const kept = token === undefined && isInside ? await this.#tokens.read(found.slot.sandboxId) : undefined;
    return { ...found, token: token ?? kept };
  }

  async #find(sandbox: string, cwd: string) {
    await this.#registry.load();
    const path = await realpath(join(sandbox.startsWith("/") ? "" : cwd, sandbox)).catch(() => sandbox);
    for (const pool of this.#registry.all()) {
      if (pool.machineId !== this.#dependencies.machineId) continue;
      const slot = pool.slots.find((one) => one.sandboxId === sandbox || one.path === path);
      if (slot) return { pool, slot };
    }
    return undefined;
  }

  /** The caller that asked for it is gone and will never know its token. */
  async #giveBack({ path, sandboxId, token }: ClaimedSandbox): Promise<void> {
    const signal = AbortSignal.timeout(lockWaitMs);
    await this.release({ cwd: path, sandbox: sandboxId, token, discard: true, signal }).catch(
      (error: unknown) =>
        this.#dependencies.log.warn({ err: error, sandboxId }, "an abandoned claim could not be given back"),
    );
  }

  async #refill({ poolId }: PoolPlace): Promise<void> {
    const pool = this.#registry.peek(poolId);
    if (pool && !this.#scope.disposed) await this.#sweeper.refill(pool);
  }

  dispose(): void {
    this.#scope.dispose();
  }
}

function owned(slots: readonly Slot[], { name, ...slot }: Slot, token: string | undefined): ClaimedSlot {
  const current = slots.find((one) => one.name === name);
  if (!current) throw unknownSandbox(slot.path);
  if (!isClaimed(current)) throw notOwned(current, "isn't claimed");
  const { owner } = current.state;
  if (token === undefined) throw notOwned(current, `belongs to ${owner}, and no token was shown`);
  if (tokenDigest(token) === current.state.tokenDigest) return current;
  throw notOwned(current, `belongs to ${owner}, whose token is another`);
}

/** Whether the checkout around a directory is a linked one: its `.git` is a file. */
async function isLinkedWorktree(path: string): Promise<boolean> {
  for (let directory = path; ; directory = dirname(directory)) {
    const found = await stat(join(directory, ".git")).catch(() => undefined);
    if (found) return found.isFile();
    if (dirname(directory) === directory) return false;
  }
}

async function isDirectory(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
