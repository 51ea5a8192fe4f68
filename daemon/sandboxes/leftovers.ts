import { stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { digest } from "../../shared/base/token.ts";
import { poolLockKey } from "../../shared/model/keys.ts";
import { git } from "../processes/git.ts";
import type { PoolAccess } from "./access.ts";
import type { PoolDependencies } from "./dependencies.ts";
import { holdsRepositoriesAt } from "./errors.ts";
import { gitWorktree } from "./git-worktree.ts";
import { isUnfinished, type PoolRecord, type Slot } from "./pool-record.ts";
import type { PoolRegistry } from "./registry.ts";
import { findWork, hasWork, saveWork } from "./work.ts";
import { type Place, removeWorktree } from "./worktree.ts";

/** A sandbox without its worktree, or a worktree without its sandbox. */
export interface PoolLeftover {
  readonly id: string;
  readonly level: "warning";
  readonly summary: string;
  readonly remedy: string;
  readonly action: string;
  fix(signal: AbortSignal): Promise<unknown>;
}

/** How long the fix waits for the pool's lock, in milliseconds. */
const lockWaitMs = 10_000;

/** Finds what of pools and worktrees doesn't fit together. Pools that are being worked on are left out. */
export class PoolLeftovers {
  readonly #dependencies: PoolDependencies;
  readonly #registry: PoolRegistry;
  readonly #access: PoolAccess;

  constructor(dependencies: PoolDependencies, registry: PoolRegistry, access: PoolAccess) {
    this.#dependencies = dependencies;
    this.#registry = registry;
    this.#access = access;
  }

  /** @param heldLocks keys of the locks that are held now */
  async find(heldLocks: ReadonlySet<string>, signal: AbortSignal): Promise<readonly PoolLeftover[]> {
    const { machineId } = this.#dependencies;
    const quiet = this.#registry
      .all()
      .filter((pool) => pool.machineId === machineId && !heldLocks.has(poolLockKey(pool.poolId)));
    return (await Promise.all(quiet.map((pool) => this.#look(pool, signal)))).flat();
  }

  async #look(pool: PoolRecord, signal: AbortSignal): Promise<readonly PoolLeftover[]> {
    // The whole repository may be gone: then its sandboxes are forgotten, and no worktrees are listed.
    const isThere = await exists(pool.main);
    const missing = await Promise.all(pool.slots.map((slot) => this.#missing(pool, slot)));
    const unknown = isThere ? await this.#unknown(pool, signal) : [];
    return [...missing.flat(), ...unknown];
  }

  async #missing(pool: PoolRecord, slot: Slot): Promise<readonly PoolLeftover[]> {
    if (isUnfinished(slot) || ((await exists(slot.path)) && (await exists(slot.gitDirectory)))) return [];
    return [
      {
        id: `sandbox:missing-${slot.sandboxId}-${slot.state.since}`,
        level: "warning",
        summary: `The worktree ${slot.path} of a sandbox is gone`,
        remedy: "Nothing to do: the next claim forgets it. What was committed there is kept on a branch.",
        action: "Forget the sandbox; commits of it are kept on a branch",
        fix: (signal) => this.#access.tidy(pool, signal),
      },
    ];
  }

  /** Only what has the name and place of a sandbox and no branch: anything else is its user's own worktree. */
  async #unknown(pool: PoolRecord, signal: AbortSignal): Promise<readonly PoolLeftover[]> {
    const { directory } = await this.#dependencies.workspace.pool(pool.root);
    const repository = basename(pool.main);
    const parents = new Set([
      directory ?? join(dirname(pool.main), ".worktrees", repository),
      ...pool.slots.map(({ path }) => dirname(path)),
    ]);
    const known = new Set(pool.slots.map(({ path }) => path));
    return (await detachedWorktrees(pool.main, signal))
      .filter((path) => !known.has(path) && parents.has(dirname(path)) && isSandboxName(path, repository))
      .map((path) => ({
        id: `sandbox:unknown-${digest(path)}`,
        level: "warning",
        summary: `The worktree ${path} looks like a sandbox, and no pool knows of it`,
        remedy: `Look what is in it, then remove it with: git worktree remove ${path}`,
        action: "Keep what it holds on a branch devlatch/rescued-…, and remove it",
        fix: (inner: AbortSignal) => this.#remove(pool, path, inner),
      }));
  }

  /** @throws DevlatchError `SANDBOX_CHANGED` for repositories inside it, whose content no branch can keep */
  #remove(pool: PoolRecord, path: string, signal: AbortSignal): Promise<void> {
    const terms = { purpose: "removing a worktree without a sandbox", waitMs: lockWaitMs, signal };
    return this.#access.open(pool, terms, async ({ edit, settings, signal: inner }) => {
      if (edit.slots.some((slot) => slot.path === path) || !(await exists(path))) return;
      const mark = `worktree-${digest(path)}`;
      const gitDirectory = await git(["rev-parse", "--absolute-git-dir"], { cwd: path, signal: inner });
      const place: Place = { path, gitDirectory, mark };
      const base = await git(["rev-parse", "HEAD"], { cwd: pool.main, signal: inner });
      const work = await findWork(place, base, settings.keep, inner);
      if (work.repositories.length > 0) throw holdsRepositoriesAt(path, work.repositories);
      const former = { owner: "nobody", since: await this.#dependencies.now() };
      if (hasWork(work)) await saveWork(place, work, former, inner);
      await removeWorktree(pool.main, path, mark, inner);
    });
  }
}

function isSandboxName(path: string, repository: string): boolean {
  const name = basename(path);
  return name.startsWith(`${repository}-`) && /^[1-9]\d*$/.test(name.slice(repository.length + 1));
}

/** https://git-scm.com/docs/git-worktree#_porcelain_format */
async function detachedWorktrees(main: string, signal: AbortSignal): Promise<readonly string[]> {
  const listed = await gitWorktree(["list", "--porcelain"], { cwd: main, signal });
  return listed.split("\n\n").flatMap((entry) => {
    const lines = entry.split("\n");
    const path = lines[0]?.replace(/^worktree /, "");
    // A worktree whose directory is gone is git's own business ("prunable").
    const fits = lines.includes("detached") && !lines.some((line) => line.startsWith("prunable"));
    return path && fits ? [path] : [];
  });
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
