import { pause } from "../../shared/base/deadline.ts";
import { hasCode } from "../../shared/base/errors.ts";
import type { Listener, ProcessIdentity } from "../../shared/model/process.ts";
import { keyOf } from "./pid-history.ts";
import { canBind } from "./ports.ts";
import type { Processes, ProcessInfo, SentSignal, TerminationReport, TreeRoot } from "./processes.ts";
import { askingOrder, closePorts } from "./servers-first.ts";

export interface TerminationOptions {
  /** What the members get first. `SIGKILL` skips the polite part. */
  readonly signal: NodeJS.Signals;
  /** How long the members may take after it, in milliseconds, before SIGKILL. */
  readonly timeoutMs: number;
  /** Port that must be bindable at the end. */
  readonly port?: number;
  /** How long SIGKILL is repeated, in milliseconds. */
  readonly killTimeoutMs?: number;
  /** Gives up where it is; what was signalled stays signalled. */
  readonly abort?: AbortSignal;
  /** Told of each signal right after it was sent, e.g. to write it into the journal. */
  readonly onSignal?: (sent: SentSignal) => void;
}

const defaultKillTimeoutMs = 5000;
/** A single process is asked this often whether it still lives: it costs microseconds on Linux. */
const pollMs = 5;
/** A full scan costs milliseconds; this often is enough to find new members while old ones live. */
const rescanMs = 50;
/** A process forked during a scan and orphaned before its parent was read is missed by that scan alone. */
const emptyScansNeeded = 3;
/** How long a port may stay taken once the tree is gone; then a stranger has it. */
const portGraceMs = 1000;
/** Rounds of stopping new members before killing: a tree that still grows then is killed as it is. */
const freezeRounds = 20;

/**
 * Ends a process tree: the signal to every member, servers before their launchers, also to those that appear later;
 * waits for the set of members (not for the leader) to empty; after `timeoutMs` SIGKILL until three scans in a row
 * found no process and the port can be bound. The leader's parent must reap it; zombies count as gone.
 *
 * Returns within `timeoutMs + killTimeoutMs` and about a second, gone or not: see the report's `survivors`.
 * @throws the reason of `options.abort`
 */
export async function terminateTree(
  processes: Processes,
  root: TreeRoot,
  options: TerminationOptions,
): Promise<TerminationReport> {
  return new Termination(processes, root, options).run();
}

class Termination {
  readonly #processes: Processes;
  readonly #root: TreeRoot;
  readonly #options: TerminationOptions;
  readonly #abort: AbortSignal;
  /** Every member seen so far: who leaves its group and parent is found again by it. */
  readonly #ledger = new Map<string, ProcessIdentity>();
  readonly #signals: SentSignal[] = [];
  /** `signal pid/startTime` of what was sent or refused: no process gets the same signal twice. */
  readonly #done = new Set<string>();
  #ordered = false;
  #portHeldBy: readonly Listener[] | undefined;

  constructor(processes: Processes, root: TreeRoot, options: TerminationOptions) {
    this.#processes = processes;
    this.#root = root;
    this.#options = options;
    this.#abort = options.abort ?? new AbortController().signal;
    for (const process of root.ledger ?? []) this.#ledger.set(keyOf(process), process);
  }

  async run(): Promise<TerminationReport> {
    const begun = performance.now();
    const { signal, timeoutMs, killTimeoutMs = defaultKillTimeoutMs } = this.#options;
    const asked =
      signal !== "SIGKILL" &&
      (await this.#drain(begun + timeoutMs, (members) => this.#askInOrder(members, signal)));
    const gone =
      asked || (await this.#drain(performance.now() + killTimeoutMs, (members) => this.#kill(members)));
    const survivors = gone ? [] : await this.#survivors();
    return {
      survivors,
      escalated: this.#signals.some((sent) => sent.signal === "SIGKILL"),
      signals: this.#signals,
      elapsedMs: performance.now() - begun,
      ...(this.#portHeldBy === undefined ? {} : { portHeldBy: this.#portHeldBy }),
    };
  }

  /**
   * Acts on the members until there are none.
   * @param deadline on the clock of `performance.now()`, in milliseconds
   * @returns whether the tree is gone
   */
  async #drain(deadline: number, act: (members: readonly ProcessInfo[]) => Promise<void>): Promise<boolean> {
    let emptyScans = 0;
    let emptySince = 0;
    for (;;) {
      this.#abort.throwIfAborted();
      const members = await this.#scan();
      const now = performance.now();
      if (members.length > 0) {
        if (now >= deadline) return false;
        emptyScans = 0;
        await act(members);
        await this.#waitForEnd(members, Math.min(deadline, now + rescanMs));
        continue;
      }
      if (++emptyScans === 1) emptySince = now;
      if (emptyScans < emptyScansNeeded) continue;
      if (await this.#portIsFree(now - emptySince)) return true;
      await pause(pollMs, this.#abort);
    }
  }

  async #scan(): Promise<readonly ProcessInfo[]> {
    const members = await this.#processes.members({ ...this.#root, ledger: [...this.#ledger.values()] });
    for (const { pid, startTime } of members) {
      const identity = { pid, startTime };
      this.#ledger.set(keyOf(identity), identity);
    }
    return members;
  }

  /** @returns true also when a stranger keeps the port: then nothing is left to do here, and the report says who. */
  async #portIsFree(emptyForMs: number): Promise<boolean> {
    const { port } = this.#options;
    if (port === undefined || (await canBind(port))) return true;
    if (emptyForMs < portGraceMs) return false;
    this.#portHeldBy = await this.#processes.listeners(port);
    return true;
  }

  /**
   * Servers first; their launchers when they have ended, or don't seem to care, or half the time is over. A process
   * that joins later is asked at once.
   */
  async #askInOrder(members: readonly ProcessInfo[], signal: NodeJS.Signals): Promise<void> {
    if (!this.#ordered) {
      this.#ordered = true;
      const deadline = performance.now() + this.#options.timeoutMs / 2;
      const { first, servers, hasLaunchers } = await askingOrder(this.#processes, members);
      await this.#ask(first, signal);
      if (hasLaunchers && (await closePorts(this.#processes, servers, this.#abort)))
        await this.#waitForEnd(servers, deadline);
    }
    await this.#ask(members, signal);
  }

  async #ask(members: readonly ProcessInfo[], signal: NodeJS.Signals): Promise<void> {
    for (const member of members) await this.#send(member, signal);
  }

  /**
   * Freezes first: a member that forks between the scan and its own SIGKILL would leave a child that nothing points to
   * any more. Stopped parents stay parents, so scans until no new process turns up see the whole tree; then all die at
   * once.
   */
  async #kill(members: readonly ProcessInfo[]): Promise<void> {
    let targets = members;
    try {
      // Where nothing can be stopped (Windows by its tools) the scan after the kill has to do.
      for (let round = 0; round < freezeRounds; round++) {
        const sent = this.#signals.length;
        await this.#freezeDescendants();
        await this.#ask(targets, "SIGSTOP");
        if (this.#signals.length === sent) break;
        targets = await this.#scan();
      }
    } finally {
      // Whatever went wrong with the scan, nothing is left stopped.
      await this.#ask(targets, "SIGKILL");
    }
  }

  /** First those that a scan of all processes is too slow for. */
  async #freezeDescendants(): Promise<void> {
    const { host, cookie } = this.#root;
    if (!host) return;
    for (const target of await this.#processes.signalDescendants(host, cookie, "SIGSTOP")) {
      this.#ledger.set(keyOf(target), target);
      // Those of an earlier round are still among them: only new ones make another round.
      if (!this.#done.has(`SIGSTOP ${keyOf(target)}`)) this.#note(target, "SIGSTOP");
    }
  }

  async #send({ pid, startTime }: ProcessInfo, signal: NodeJS.Signals): Promise<void> {
    const target = { pid, startTime };
    const once = `${signal} ${keyOf(target)}`;
    if (this.#done.has(once)) return;
    this.#done.add(once);
    try {
      if (!(await this.#processes.signal(target, signal))) return;
    } catch (error) {
      // Another user's process (sudo): it may still end with its parent, else it is named as a survivor.
      if (hasCode(error, "CONSENT_REQUIRED")) return;
      throw error;
    }
    this.#note(target, signal);
  }

  #note(target: ProcessIdentity, signal: NodeJS.Signals): void {
    this.#done.add(`${signal} ${keyOf(target)}`);
    const sent = { process: target, signal, time: Date.now() };
    this.#signals.push(sent);
    this.#options.onSignal?.(sent);
  }

  /** Waits for these processes one after the other, at most until `deadline`. */
  async #waitForEnd(members: readonly ProcessIdentity[], deadline: number): Promise<void> {
    for (const member of members) {
      while (await this.#processes.isAlive(member)) {
        if (performance.now() >= deadline) return;
        await pause(pollMs, this.#abort);
      }
    }
  }

  async #survivors(): Promise<TerminationReport["survivors"]> {
    const members = await this.#scan();
    return Promise.all(members.map(({ pid, startTime }) => this.#processes.describe({ pid, startTime })));
  }
}
