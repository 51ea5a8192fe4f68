import { constants } from "node:os";
import { runWithDeadline, until } from "../../shared/base/deadline.ts";
import { type Disposable, Scope } from "../../shared/base/disposable.ts";
import { DevlatchError } from "../../shared/base/errors.ts";
import { describeExit, type Exit } from "../../shared/model/exit.ts";
import { proofOf } from "../../shared/protocol/proof.ts";
import type { Processes } from "../processes/processes.ts";
import { terminateTree } from "../processes/terminate.ts";
import { ThreadReader } from "../threads/reader.ts";
import type { ThreadWriter } from "../threads/writer.ts";
import { isAnswer } from "./answers.ts";
import { writeDescription } from "./description-file.ts";
import { logProblem } from "./host-log.ts";
import { Interrupt } from "./interrupt.ts";
import { Leader } from "./leader.ts";
import { describeLeftovers } from "./messages.ts";
import { OwnTree } from "./own-tree.ts";
import type { Peer, PeerHandlers } from "./peer.ts";
import type { HostDescription, HostStopResult } from "./protocol.ts";
import type { HostServer } from "./server.ts";
import { SharedTerminal } from "./shared-terminal.ts";
import type { Terminal } from "./terminal.ts";

/** What a launched host is made of; it owns all of it. */
export interface HostParts {
  readonly directory: string;
  /** What this host proves itself by, and where it listens. */
  readonly key: string;
  readonly address: string;
  readonly description: HostDescription;
  readonly thread: ThreadWriter;
  readonly threadFile: string;
  readonly server: HostServer;
  readonly terminal: Terminal;
  readonly environment: Readonly<Record<string, string>>;
  readonly processes: Processes;
  readonly lock: Disposable;
  /** Whether what leaves the tree comes back to this process; see `subreaper.ts`. */
  readonly adoptsOrphans: boolean;
  /** Whether the leader's end is the end: what it leaves behind is ended then. */
  readonly endsWithLeader: boolean;
}

/** Most raw output an attached viewer is shown of what was before, in bytes. */
const maxScrollback = 1024 * 1024;
/** How often the rest of a tree is looked at once its leader ended, in milliseconds. */
const leftoverIntervalMs = 250;
/** How long the end of a killed leader may take to be reported, in milliseconds. */
const reapMs = 7_000;
/** How long clients may go on asking after the end, in milliseconds. */
const lingerMs = 1_000;
/** What those get that a run's command left behind, in milliseconds, before SIGKILL. */
const leftBehindMs = 2_000;

/**
 * Holds one launch: takes its output, answers clients, ends with it. A server's session ends when no member of the
 * tree lives, not when its leader does: a child may hold the port. A run ends with its leader.
 */
export class Host {
  readonly #parts: HostParts;
  readonly #scope = new Scope();
  readonly #reader: ThreadReader;
  readonly #terminal: SharedTerminal<Peer>;
  readonly #interrupt = new Interrupt();
  readonly #over = Promise.withResolvers<void>();
  readonly #ended = new AbortController();
  #stopping: Promise<HostStopResult> | undefined;
  readonly #leader: Leader;
  readonly #tree: OwnTree;
  #description: HostDescription;

  constructor(parts: HostParts) {
    this.#parts = parts;
    this.#description = parts.description;
    this.#reader = this.#scope.add(new ThreadReader(parts.threadFile));
    const { directory, description, processes, adoptsOrphans } = parts;
    this.#tree = this.#scope.add(new OwnTree({ directory, launch: description, processes, adoptsOrphans }));
    this.#leader = new Leader({
      leader: description.leader,
      processes,
      members: () => this.#tree.members(),
      onStays: (exit, others) => parts.thread.event(describeLeftovers(exit, others)),
      hearsOfEnds: adoptsOrphans,
    });
    this.#tree.watch(() => this.#leader.look());
    this.#scope.add(this.#leader.watch());
    this.#scope.add(parts.thread.onWrote((seq) => this.#wrote(seq)));
    this.#terminal = new SharedTerminal(parts.terminal);
    this.#scope.add(parts.server.onLeft((peer) => this.#terminal.leave(peer)));
    parts.server.serve(this.#handlers());
  }

  /** Pid of the leader as it was spawned: the terminal waits for its end. */
  get terminalPid(): number {
    return this.#parts.terminal.pid;
  }

  get description(): HostDescription {
    return this.#description;
  }

  /** Lets go of what is only kept to have it sooner. */
  giveBack(): void {
    if (this.#description.exit) return;
    this.#parts.thread.giveBack();
    // It opens the file again when it is asked.
    this.#reader.dispose();
  }

  /** Settles when the session is over, everything is recorded and clients had their answers. */
  async run(): Promise<void> {
    const { server } = this.#parts;
    this.#watch().catch((error) => {
      if (!this.#ended.signal.aborted) logProblem(error);
    });
    await this.#over.promise;
    await this.#stopping?.catch(() => {});
    await server.clientsGone(lingerMs);
    server.dispose();
  }

  /** Ends the whole tree. Concurrent calls share one stop, that of the first. */
  stop(signal: NodeJS.Signals, timeoutMs: number): Promise<HostStopResult> {
    this.#stopping ??= this.#stop(signal, timeoutMs).catch((error) => {
      // The processes couldn't be read or signalled: the session goes on and can be stopped again.
      this.#stopping = undefined;
      throw error;
    });
    return this.#stopping;
  }

  async #stop(signal: NodeJS.Signals, timeoutMs: number): Promise<HostStopResult> {
    const { thread, terminal, processes } = this.#parts;
    thread.event(`stopping with ${signal}`);
    // A paused terminal would keep a leader from ending that waits to write its last words.
    terminal.resume();
    const letGo = this.#leader.watchClosely();
    const { survivors, escalated, elapsedMs } = await terminateTree(processes, this.#tree.root, {
      signal,
      timeoutMs,
    }).finally(() => letGo.dispose());
    const exit = await this.#reaped();
    for (const { pid, command } of survivors) thread.event(`still alive after the stop: ${pid} ${command}`);
    this.#finish(exit);
    return { survivors: [...survivors], escalated, elapsedMs };
  }

  /** Ends the session when the leader and everything it left behind have ended by themselves. */
  async #watch(): Promise<void> {
    const exit = await this.#parts.terminal.ended;
    if (this.#parts.endsWithLeader) await this.#endLeftBehind(exit);
    while (!this.#description.exit) {
      await this.#leftoversGone(exit);
      if (this.#stopping === undefined) return this.#finish(exit);
      // A stop looks closer than one scan, and ends the session itself.
      await this.#stopping.catch(() => {});
    }
  }

  /** A caller that waits for the run's result must not find its processes still at work. */
  async #endLeftBehind(exit: Exit): Promise<void> {
    if (this.#stopping !== undefined) return;
    const members = await this.#tree.members();
    if (members.length === 0) return;
    this.#parts.thread.event(describeLeftovers(exit, members));
    await this.stop("SIGTERM", leftBehindMs);
  }

  async #leftoversGone(exit: Exit): Promise<void> {
    let told = this.#stopping !== undefined;
    const probe = async () => {
      const members = await this.#tree.members();
      if (members.length === 0) return true;
      if (!told) this.#parts.thread.event(describeLeftovers(exit, members));
      told = true;
      return undefined;
    };
    // No deadline: a server may outlive its launcher for days. It ends with its processes or by a stop.
    await until(probe, { intervalMs: leftoverIntervalMs, signal: this.#ended.signal });
  }

  /** How the leader ended, or nothing known where it can't be ended. */
  async #reaped(): Promise<Exit> {
    try {
      return await runWithDeadline(reapMs, "The end of the leader", () => this.#parts.terminal.ended);
    } catch {
      return { code: null, signal: null };
    }
  }

  /**
   * Records the end. The socket's file and the lock go before clients are told: one that hears of the end can start the
   * next host at once.
   */
  #finish(ended: Exit): void {
    if (this.#description.exit) return;
    const { directory, thread, server, lock, endsWithLeader } = this.#parts;
    // A run's caller gets the command's own code.
    const exit = endsWithLeader ? ended : this.#interrupt.explain(ended);
    this.#description = { ...this.#description, exit };
    thread.endLaunch(exit, describeExit(exit));
    this.#scope.dispose();
    thread.close();
    try {
      writeDescription(directory, this.#description);
    } catch (error) {
      // A full disk: the file then names a host that no longer lives, which readers check.
      logProblem(error);
    }
    server.stopListening();
    lock.dispose();
    server.exited(exit);
    this.#ended.abort();
    this.#over.resolve();
  }

  #wrote(seq: number): void {
    this.#tree.life();
    this.#parts.server.wrote(seq);
  }

  #handlers(): PeerHandlers {
    return {
      prove: ({ nonce }) => this.#prove(nonce),
      describe: () => this.#description,
      stop: ({ signal, timeoutMs }) => this.stop(signalNamed(signal), timeoutMs),
      note: ({ text }) => {
        this.#parts.thread.event(text);
        return {};
      },
      attach: (_, { peer }) => {
        const scrollback = this.#scrollback();
        peer.attach();
        return { scrollback };
      },
      environment: () => ({ env: { ...this.#parts.environment } }),
      input: ({ data }, { peer }) => {
        this.#tree.life();
        this.#terminal.type(peer, data);
        if (!isAnswer(data)) this.#interrupt.typed(data);
        return {};
      },
      resize: (size, { peer }) => {
        this.#terminal.resize(peer, size);
        return {};
      },
    };
  }

  #prove(nonce: string) {
    const { key, address } = this.#parts;
    const { host } = this.#description;
    return { host, proof: proofOf(key, "host", nonce, { address, server: host }) };
  }

  /**
   * Everything up to this very moment: the caller attaches in the same turn of the event loop, so nothing is missed.
   */
  #scrollback(): string {
    const { thread, server } = this.#parts;
    server.sendCollected();
    if (this.#description.exit) return "";
    thread.flush();
    const launch = this.#reader.launch(this.#description.launchId);
    return this.#reader.scrollback(maxScrollback, launch?.firstOffset).toString("base64");
  }
}

function signalNamed(name: string): NodeJS.Signals {
  if (Object.hasOwn(constants.signals, name)) return name as NodeJS.Signals;
  const known = "SIGTERM, SIGINT, SIGHUP, SIGQUIT or SIGKILL";
  throw new DevlatchError("INVALID_INPUT", `${name} is not a signal.`, `Use ${known} as stopSignal.`);
}
