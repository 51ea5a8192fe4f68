import { mkdir, realpath, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { hasCode } from "../../shared/base/errors.ts";
import { randomToken } from "../../shared/base/token.ts";
import { type AppPorts, type ClaimedSandbox, derivedSandboxId } from "../../shared/model/sandbox.ts";
import type { PoolSettings } from "../detect/workspace.ts";
import type { PoolDependencies } from "./dependencies.ts";
import { poolExhausted } from "./errors.ts";
import { markOf, type PoolCleaner, placeOf } from "./pool-cleaner.ts";
import type { PoolEdit } from "./pool-edit.ts";
import { isClaimed, type Slot } from "./pool-record.ts";
import type { PortBlocks } from "./port-blocks.ts";
import { type TokenFiles, tokenDigest } from "./tokens.ts";
import { addWorktree, isPristine, resetWorktree } from "./worktree.ts";

/** What a claim of a sandbox asks for. */
export interface ClaimTerms {
  /** Who claims, in words. */
  readonly owner: string;
  /** Milliseconds. */
  readonly leaseMs: number;
  /** What to check out. */
  readonly commit: string;
}

/** What claims work with while they hold the pool's lock. */
export interface ClaimParts {
  readonly dependencies: PoolDependencies;
  readonly edit: PoolEdit;
  readonly cleaner: PoolCleaner;
  readonly settings: PoolSettings;
  /** Each app's port in the checkout itself. */
  readonly bases: () => Promise<Readonly<AppPorts>>;
  readonly blocks: PortBlocks;
  readonly tokens: TokenFiles;
  /** Aborts when the lock is lost, or when no caller waits any more. */
  readonly signal: AbortSignal;
}

/** Gives sandboxes to owners, under the pool's lock. */
export class Claims {
  readonly #parts: ClaimParts;

  constructor(parts: ClaimParts) {
    this.#parts = parts;
  }

  /**
   * A warm spare, else a new sandbox within the maximum, else one whose lease has ended and that holds nothing.
   * @throws DevlatchError `POOL_EXHAUSTED`, `PORT_CONFLICT`, `GIT_FAILED`
   */
  async claim(terms: ClaimTerms): Promise<ClaimedSandbox> {
    const { edit, settings, dependencies } = this.#parts;
    const slot =
      (await this.#takeSpare(terms.commit)) ??
      (await this.create(terms.commit)) ??
      (await this.#takeIdle(terms));
    if (slot) return this.#lease(slot, terms);
    throw poolExhausted(edit.slots, settings.max, await dependencies.now());
  }

  /** A new spare sandbox; undefined where the pool has its maximum. */
  async create(commit: string): Promise<Slot | undefined> {
    const { edit, dependencies, settings, signal, cleaner } = this.#parts;
    if (edit.slots.length >= settings.max) return undefined;
    const { name, path } = await this.#freePlace();
    const slot = await edit.put({
      name,
      path,
      sandboxId: derivedSandboxId(dependencies.machineId, path),
      gitDirectory: "",
      commit,
      ports: {},
      offset: 0,
      state: { kind: "creating", since: await dependencies.now() },
    });
    try {
      const block = await this.#ensurePorts(slot);
      const gitDirectory = await addWorktree(edit.record.main, path, commit, markOf(slot), signal);
      const since = await dependencies.now();
      const made = await edit.put({ ...slot, ...block, gitDirectory, state: { kind: "spare", since } });
      dependencies.onHappened?.({ sandboxId: slot.sandboxId, path, change: { kind: "created" } });
      return made;
    } catch (error) {
      // Without the lock, or when the daemon is ending, the next holder cleans up.
      if (!hasCode(error, "LOCK_LOST") && !signal.aborted) await cleaner.remove(slot);
      throw error;
    }
  }

  async #takeSpare(commit: string): Promise<Slot | undefined> {
    const spares = this.#parts.edit.slots.filter(({ state }) => state.kind === "spare");
    const same = spares.filter((slot) => slot.commit === commit);
    for (const slot of [...same, ...spares.filter((one) => !same.includes(one))]) {
      try {
        return await this.#prepare(slot, commit);
      } catch (error) {
        if (hasCode(error, "LOCK_LOST") || this.#parts.signal.aborted) throw error;
        const { log } = this.#parts.dependencies;
        log.warn({ err: error, sandbox: slot.sandboxId }, "a spare sandbox can't be used");
      }
    }
    return undefined;
  }

  async #takeIdle(terms: ClaimTerms): Promise<Slot | undefined> {
    const { edit, dependencies, cleaner } = this.#parts;
    const now = await dependencies.now();
    const ended = edit.slots.filter(isClaimed).filter(({ state }) => state.expires <= now);
    for (const slot of ended.sort((a, b) => a.state.expires - b.state.expires)) {
      if (!(await this.#isReapable(slot))) continue;
      if (!(await this.#isTornDown(slot))) continue;
      const { slot: spare } = await cleaner.reset(slot);
      const { sandboxId, path } = slot;
      dependencies.onHappened?.({ sandboxId, path, change: { kind: "reaped", owner: slot.state.owner } });
      return this.#prepare(spare, terms.commit);
    }
    return undefined;
  }

  async #isReapable(slot: Parameters<PoolCleaner["isReapable"]>[0]): Promise<boolean> {
    try {
      return await this.#parts.cleaner.isReapable(slot);
    } catch (error) {
      this.#parts.signal.throwIfAborted();
      const { log } = this.#parts.dependencies;
      log.warn({ err: error, sandbox: slot.sandboxId }, "an idle sandbox can't be looked into; it stays");
      return false;
    }
  }

  /** One whose teardown fails stays its former owner's. */
  async #isTornDown(slot: Slot): Promise<boolean> {
    const { cleaner, signal, dependencies } = this.#parts;
    try {
      await cleaner.tearDown(slot, undefined);
      return true;
    } catch (error) {
      signal.throwIfAborted();
      const { sandboxId: sandbox } = slot;
      dependencies.log.warn({ err: error, sandbox }, "the teardown of an idle sandbox failed; it stays");
      return false;
    }
  }

  /** A spare on the wished commit, with a port for every app. */
  async #prepare(slot: Slot, commit: string): Promise<Slot> {
    const { edit, dependencies, cleaner, settings, signal } = this.#parts;
    const block = await this.#ensurePorts(slot);
    const place = placeOf(slot);
    // Files may have been written into it without a claim.
    const clean = await isPristine(place, slot.commit, settings.keep, signal);
    const ready = { ...(clean ? slot : (await cleaner.reset(slot)).slot), ...block };
    if (ready.commit === commit) return edit.put(ready);
    const since = await dependencies.now();
    await edit.put({ ...ready, commit, state: { kind: "resetting", since, owner: null, saved: true } });
    await resetWorktree(place, commit, settings.keep, signal);
    return edit.put({ ...ready, commit, state: { kind: "spare", since } });
  }

  async #lease(slot: Slot, { owner, leaseMs }: ClaimTerms): Promise<ClaimedSandbox> {
    const { edit, dependencies, tokens } = this.#parts;
    const token = randomToken();
    // Written first: a token that fits no lease opens nothing.
    await tokens.write(slot.sandboxId, token);
    const since = await dependencies.now();
    const lease = { owner, leaseMs, since, expires: since + leaseMs, tokenDigest: tokenDigest(token) };
    await edit.put({ ...slot, state: { kind: "claimed", ...lease } });
    const { sandboxId, path, ports, commit } = slot;
    dependencies.onHappened?.({ sandboxId, path, change: { kind: "claimed", owner } });
    return {
      sandboxId,
      path,
      ports,
      owner,
      leaseMs,
      token,
      fence: edit.record.fence,
      commit,
      state: "claimed",
    };
  }

  async #ensurePorts({ name }: Slot) {
    const { edit, blocks, signal } = this.#parts;
    const slots = edit.slots.map((one) => one.name);
    const bases = await this.#parts.bases();
    return blocks.ensure({ pool: edit.record.poolId, slot: name, slots, bases }, signal);
  }

  /** The first name that no sandbox, and nothing else in the directory, has. */
  async #freePlace(): Promise<{ name: string; path: string }> {
    const { edit, settings } = this.#parts;
    const { main } = edit.record;
    const repository = basename(main);
    const directory = settings.directory ?? join(dirname(main), ".worktrees", repository);
    await mkdir(directory, { recursive: true });
    const real = await realpath(directory);
    for (let number = 1; ; number++) {
      const name = `${repository}-${number}`;
      const path = join(real, name);
      if (edit.slots.some((one) => one.name === name || one.path === path)) continue;
      if (!(await stat(path).catch(() => undefined))) return { name, path };
    }
  }
}
