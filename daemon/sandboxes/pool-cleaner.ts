import { stat } from "node:fs/promises";
import { join, relative } from "node:path";
import { hasCode } from "../../shared/base/errors.ts";
import { isWithin } from "../../shared/base/within.ts";
import type { Listener } from "../../shared/model/process.ts";
import { unknownLeader } from "../processes/processes.ts";
import { terminateTree } from "../processes/terminate.ts";
import type { PoolDependencies, SandboxHappening } from "./dependencies.ts";
import { holdsRepositories, serverRuns } from "./errors.ts";
import type { PoolEdit } from "./pool-edit.ts";
import { type ClaimedSlot, isClaimed, type ResettingSlot, type Slot } from "./pool-record.ts";
import type { TokenFiles } from "./tokens.ts";
import { findTips, findWork, hasWork, saveTips, saveWork, type Work } from "./work.ts";
import { type Place, removeWorktree, resetWorktree } from "./worktree.ts";

/** Time that git of a killed daemon gets to end by itself, in milliseconds. */
const leftoverMs = 2_000;

/**
 * Cleans and removes the sandboxes of one pool, under its lock. Everything can be killed at any moment and
 * be repeated: the record says what was under way.
 */
export class PoolCleaner {
  readonly #dependencies: PoolDependencies;
  readonly #edit: PoolEdit;
  readonly #keep: readonly string[];
  readonly #tokens: TokenFiles;
  readonly #signal: AbortSignal;

  /**
   * @param pool `keep`: patterns of caches that stay, as in .gitignore
   * @param signal aborts when the lock is lost
   */
  constructor(
    dependencies: PoolDependencies,
    edit: PoolEdit,
    pool: { readonly keep: readonly string[]; readonly tokens: TokenFiles },
    signal: AbortSignal,
  ) {
    this.#dependencies = dependencies;
    this.#edit = edit;
    this.#keep = pool.keep;
    this.#tokens = pool.tokens;
    this.#signal = signal;
  }

  /**
   * Finishes what a killed daemon began, and forgets sandboxes whose worktree was deleted. One that can't be
   * put in order stays as it is, isn't handed out, and hinders no other.
   * @returns why those could not be put in order that could not
   */
  async reconcile(): Promise<readonly unknown[]> {
    const errors: unknown[] = [];
    for (const slot of this.#edit.slots) {
      await this.#putInOrder(slot).catch((error: unknown) => {
        if (hasCode(error, "LOCK_LOST")) throw error;
        this.#signal.throwIfAborted();
        errors.push(error);
      });
    }
    return errors;
  }

  async #putInOrder(slot: Slot): Promise<void> {
    if (slot.state.kind === "creating") {
      await this.#endLeftovers(slot);
      await this.remove(slot);
    } else if (!(await this.#exists(slot))) await this.#forgetMissing(slot);
    else if (slot.state.kind === "resetting") await this.reset(slot);
  }

  /** What of the sandbox exists nowhere else. */
  work(slot: Slot): Promise<Work> {
    return findWork(placeOf(slot), slot.commit, this.#keep, this.#signal);
  }

  /** Servers that listen from a directory of the sandbox. */
  async listeners(slot: Slot): Promise<readonly Listener[]> {
    const all = await this.#dependencies.processes.listeners();
    return all.filter(({ cwd }) => cwd !== undefined && isWithin(cwd, slot.path));
  }

  /** Whether an idle sandbox may be taken from its former owner: nothing runs in it, nothing would be lost. */
  async isReapable(slot: ClaimedSlot): Promise<boolean> {
    if (await this.#dependencies.sessions.live(slot.sandboxId)) return false;
    if ((await this.listeners(slot)).length > 0) return false;
    const work = await this.work(slot);
    return !hasWork(work) && work.repositories.length === 0;
  }

  /**
   * Undoes what the setup of a sandbox made elsewhere. Nothing else of it may run.
   * @param env of who gives it back; undefined where its lease ended: then this daemon's own
   * @throws DevlatchError `EXITED_EARLY`, `DEADLINE`, `CONFIG_INVALID`; it is as it was then
   */
  async tearDown(slot: Slot, env: Readonly<Record<string, string>> | undefined): Promise<void> {
    const { main, root } = this.#edit.record;
    const { sandboxId, ports, offset } = slot;
    const place = { sandboxId, root: join(slot.path, relative(main, root)), block: { ports, offset } };
    const own = Object.entries(process.env).filter((one): one is [string, string] => one[1] !== undefined);
    await this.#dependencies.tearDown(place, env ?? Object.fromEntries(own), this.#signal);
  }

  /**
   * Makes a sandbox like new: what is worth keeping goes to a branch, servers are stopped, files go.
   * @returns the spare sandbox and the branch, if there was work
   * @throws DevlatchError `SANDBOX_CHANGED` for work that can't be kept, `SANDBOX_BUSY`, `STOP_INCOMPLETE`,
   *   `CONSENT_REQUIRED`, `GIT_FAILED`. The sandbox then isn't handed out; the next operation tries again.
   */
  async reset(slot: Slot): Promise<{ slot: Slot; rescued: string | undefined }> {
    const { sessions, now } = this.#dependencies;
    const resetting = await this.#mark(slot);
    await this.#endLeftovers(resetting);
    await sessions.stop(slot.sandboxId, this.#signal);
    const listeners = await this.listeners(slot);
    if (listeners.length > 0) throw serverRuns(slot, listeners);
    const rescued = resetting.state.saved ? undefined : await this.#save(resetting);
    await resetWorktree(placeOf(slot), slot.commit, this.#keep, this.#signal);
    // A start that was on its way when the sandbox was taken back finds its server stopped again.
    await sessions.stop(slot.sandboxId, this.#signal);
    await Promise.all([sessions.forget(slot.sandboxId), this.#tokens.remove(slot.sandboxId)]);
    const spare = await this.#edit.to(resetting, { kind: "spare", since: await now() });
    this.#tell(slot, { kind: "reset" });
    if (rescued !== undefined) {
      this.#dependencies.log.info({ sandbox: slot.sandboxId, rescued }, "work of a sandbox was rescued");
    }
    return { slot: spare, rescued };
  }

  /** From here on it has no owner, also if this daemon is killed now. */
  async #mark(slot: Slot): Promise<ResettingSlot> {
    const { state } = slot;
    if (state.kind === "resetting") return { ...slot, state };
    const since = await this.#dependencies.now();
    return this.#edit.put({
      ...slot,
      state: { kind: "resetting", since, owner: ownerOf(slot), saved: false },
    });
  }

  /** Keeps what exists nowhere else, and writes down that this is done: half-cleaned files would look like work. */
  async #save(slot: ResettingSlot): Promise<string | undefined> {
    const work = await this.work(slot);
    if (work.repositories.length > 0) throw holdsRepositories(slot, work.repositories);
    const former = { owner: slot.state.owner ?? "nobody", since: slot.state.since };
    const rescued = await saveWork(placeOf(slot), work, former, this.#signal);
    await this.#edit.put({ ...slot, state: { ...slot.state, saved: true } });
    return rescued;
  }

  /** Removes a sandbox that holds nothing. */
  async remove(slot: Slot): Promise<void> {
    const { main } = this.#edit.record;
    await removeWorktree(main, slot.path, markOf(slot), this.#signal);
    await this.#forget(slot);
  }

  async #forget(slot: Slot): Promise<void> {
    const { sandboxId } = slot;
    await Promise.all([this.#dependencies.sessions.forget(sandboxId), this.#tokens.remove(sandboxId)]);
    await this.#edit.remove(slot);
    this.#tell(slot, { kind: "removed" });
  }

  /** git of a killed daemon may go on writing into the worktree. */
  async #endLeftovers(slot: Slot): Promise<void> {
    const { processes } = this.#dependencies;
    const root = { leader: unknownLeader, cookie: markOf(slot) };
    if ((await processes.members(root)).length === 0) return;
    await terminateTree(processes, root, { signal: "SIGTERM", timeoutMs: leftoverMs, abort: this.#signal });
  }

  async #exists({ path, gitDirectory }: Slot): Promise<boolean> {
    const found = await Promise.all([path, gitDirectory].map((one) => stat(one).catch(() => undefined)));
    return found.every((one) => one?.isDirectory());
  }

  /** Commits are still in the repository; files that are there without it stay where they are. */
  async #forgetMissing(slot: Slot): Promise<void> {
    const { sessions, log, now } = this.#dependencies;
    log.warn(
      { sandbox: slot.sandboxId, path: slot.path },
      "the worktree of a sandbox is gone; it is forgotten",
    );
    try {
      const tips = await findTips(slot.gitDirectory, slot.commit, this.#signal);
      const former = { owner: ownerOf(slot) ?? "nobody", since: await now() };
      await saveTips(slot.gitDirectory, tips, former, this.#signal);
    } catch (error) {
      this.#signal.throwIfAborted();
      log.warn({ err: error, sandbox: slot.sandboxId }, "a sandbox's commits can't be looked at any more");
    }
    await sessions.stop(slot.sandboxId, this.#signal);
    const isThere = (path: string) => stat(path).then(Boolean, () => false);
    if (!(await isThere(slot.path)) && (await isThere(this.#edit.record.main))) return this.remove(slot);
    await this.#forget(slot);
  }

  #tell({ sandboxId, path }: Slot, change: SandboxHappening["change"]): void {
    this.#dependencies.onHappened?.({ sandboxId, path, change });
  }
}

/** A sandbox's worktree for git. */
export function placeOf(slot: Slot): Place {
  return { path: slot.path, gitDirectory: slot.gitDirectory, mark: markOf(slot) };
}

/** Marks the git processes that work on a sandbox. */
export function markOf({ sandboxId }: Slot): string {
  return `sandbox-${sandboxId}`;
}

function ownerOf(slot: Slot): string | null {
  if (isClaimed(slot)) return slot.state.owner;
  return slot.state.kind === "resetting" ? slot.state.owner : null;
}
