import { mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { DevlatchError, hasCode, isErrorCode } from "../../shared/base/errors.ts";
import type { Log } from "../../shared/base/log.ts";
import type { ProcessIdentity, ProcessView } from "../../shared/model/process.ts";
import type { Exit, Hosting } from "../../shared/model/session.ts";
import { cookieVariable, type Processes, type TreeRoot, unknownLeader } from "../processes/contract.ts";
import { launchDetached } from "../processes/launch.ts";
import { terminateTree } from "../processes/terminate.ts";
import { connectHost, type HostConnection } from "./client.ts";
import { type HostDescription, HostReport, type HostSpec, type HostStopResult } from "./contract.ts";
import { readDescription } from "./description-file.ts";
import { childEnvironment, hostEnvironment } from "./environment.ts";
import { readLedger } from "./ledger.ts";

/** Where a hosted session or run lives. */
export type Hosted = Extract<Hosting, { kind: "hosted" }>;

/** What hosts need of a session's or run's record. */
export interface HostableRecord {
  readonly session: string;
  readonly fence: number;
  readonly settings: {
    readonly command: readonly string[];
    readonly cwd: string;
    readonly env: Readonly<Record<string, string>>;
  };
  readonly stop: { readonly signal: string; readonly timeoutMs: number };
}

/** What a host is told beside the record. */
export interface HostWishes {
  readonly callerEnvironment: Readonly<Record<string, string>>;
  /** Variables laid over everything, e.g. `PORT`. */
  readonly exported: Readonly<Record<string, string>>;
  /** Written into the thread before anything the command says. */
  readonly note?: string | undefined;
  /** Size of the terminal; 120 by 30 unless told. */
  readonly size?: { readonly columns: number; readonly rows: number };
  /** Whether the leader's end is the end: what it leaves behind is ended then. */
  readonly endsWithLeader?: boolean;
}

/** A launch as its host recorded it. */
export interface RecordedLaunch {
  readonly host: ProcessIdentity;
  readonly leader: ProcessIdentity;
  readonly exit?: Exit | undefined;
}

/** How the daemon's side of the hosts reaches the rest of the world. */
export interface HostsEnvironment {
  readonly processes: Processes;
  readonly output: {
    /** What the host recorded about a launch; undefined before it spawned anything. */
    launch(directory: string, launchId: string): RecordedLaunch | undefined;
  };
  readonly log: Log;
  /** The directory that holds one directory per session. */
  readonly sessionsDirectory: string;
  /** Where hosts record the signals they send. */
  readonly journalFile: string;
  /** Program and leading arguments of a session host. */
  readonly hostProgram: { readonly file: string; readonly args: readonly string[] };
}

/** What stands behind a hosted record now. */
export type HostCheck =
  | { readonly kind: "live"; readonly connection: HostConnection; readonly description: HostDescription }
  /** The host process lives but doesn't answer. */
  | { readonly kind: "silent" }
  | { readonly kind: "gone"; readonly exit: Exit | undefined };

/** How long a host may take to spawn its child and report, in milliseconds. */
const spawnTimeoutMs = 15_000;
/** How long a living host may take to answer, in milliseconds. */
const answerTimeoutMs = 3_000;

/** Starts session hosts, finds them again, and ends what dead ones left. */
export class Hosts {
  readonly #environment: HostsEnvironment;

  constructor(environment: HostsEnvironment) {
    this.#environment = environment;
  }

  /** The directory of a session on this machine. */
  directoryOf(sandboxId: string, session: string): string {
    return join(this.#environment.sessionsDirectory, sandboxId, session);
  }

  /**
   * Starts a host for the intent in `record`; one that holds the session's lock without a record is ended first.
   * @throws DevlatchError what the host reports (`COMMAND_NOT_FOUND`, `DIRECTORY_MISSING`, `HOST_FAILED`)
   */
  async launch(
    record: HostableRecord,
    hosting: Hosted,
    wishes: HostWishes,
    signal: AbortSignal,
  ): Promise<void> {
    for (let attempt = 0; attempt < 2; attempt++) {
      if ((await this.#spawn(record, hosting, wishes, signal)) === "running") return;
      // A host no record tells of: the store was emptied, or a daemon died between two writes.
      await this.#endUnrecorded(record, hosting);
    }
    throw new DevlatchError(
      "HOST_FAILED",
      `Another session host runs in ${hosting.directory} and can't be ended.`,
      "See what it is with: devlatch doctor",
    );
  }

  async #spawn(
    record: HostableRecord,
    hosting: Hosted,
    wishes: HostWishes,
    signal: AbortSignal,
  ): Promise<"running" | "occupied"> {
    mkdirSync(hosting.directory, { recursive: true, mode: 0o700 });
    const marks = { [cookieVariable]: hosting.launchId, DEVLATCH_SESSION: record.session };
    const spec: HostSpec = {
      session: record.session,
      launchId: hosting.launchId,
      fence: record.fence,
      command: [...record.settings.command],
      cwd: record.settings.cwd,
      env: childEnvironment(wishes.callerEnvironment, record.settings.env, { ...wishes.exported, ...marks }),
      columns: wishes.size?.columns ?? 120,
      rows: wishes.size?.rows ?? 30,
      endsWithLeader: wishes.endsWithLeader ?? false,
      directory: hosting.directory,
      journal: this.#environment.journalFile,
      ...(wishes.note === undefined ? {} : { note: wishes.note }),
    };
    const { file, args } = this.#environment.hostProgram;
    const { report } = await launchDetached({
      file,
      args: [...args],
      input: JSON.stringify(spec),
      cwd: homedir(),
      env: hostEnvironment(),
      readyTimeoutMs: spawnTimeoutMs,
      signal,
    });
    return interpret(report);
  }

  /** Whether the launch in this record still runs, and how to reach it. */
  async check(hosting: Hosted): Promise<HostCheck> {
    const { directory, launchId } = hosting;
    let connection: HostConnection | undefined;
    try {
      connection = await connectHost(directory, { signal: AbortSignal.timeout(answerTimeoutMs) });
      const description = await connection.describe();
      if (description.launchId === launchId && description.exit === undefined) {
        return { kind: "live", connection, description };
      }
      connection.dispose();
      return { kind: "gone", exit: description.launchId === launchId ? description.exit : undefined };
    } catch (error) {
      connection?.dispose();
      this.#environment.log.debug({ err: error, directory }, "a session host doesn't answer");
    }
    const launch = this.#recorded(hosting);
    if (launch && launch.exit === undefined && (await this.#environment.processes.isAlive(launch.host))) {
      return { kind: "silent" };
    }
    return { kind: "gone", exit: launch?.exit };
  }

  /** Adds an event to the thread of a running launch. Never rejects: a host that can't be reached has none to add. */
  async note({ directory }: Hosted, text: string): Promise<void> {
    const signal = AbortSignal.timeout(answerTimeoutMs);
    let connection: HostConnection | undefined;
    try {
      connection = await connectHost(directory, { signal });
      await connection.note(text, signal);
    } catch (error) {
      this.#environment.log.debug({ err: error, directory }, "an event could not be added to a thread");
    } finally {
      connection?.dispose();
    }
  }

  /** The process tree of a launch, for signalling it without its host. */
  treeOf(hosting: Hosted): TreeRoot {
    const launch = this.#recorded(hosting);
    // A host that died before it spawned leaves no leader; the cookie still finds whatever there is.
    const leader = launch?.leader ?? unknownLeader;
    const ledger = readLedger(hosting.directory, hosting.launchId);
    return { leader, cookie: hosting.launchId, ledger, ...(launch ? { host: launch.host } : {}) };
  }

  /** From the thread, or where that can't be read from the host's own description. */
  #recorded({ directory, launchId }: Hosted): RecordedLaunch | undefined {
    const launch = this.#environment.output.launch(directory, launchId);
    if (launch) return launch;
    const description = readDescription(directory);
    return description?.launchId === launchId ? description : undefined;
  }

  /** Ends a living host of this session that isn't the one recorded. */
  async #endUnrecorded(record: HostableRecord, hosting: Hosted): Promise<void> {
    const connection = await connectHost(hosting.directory, { signal: AbortSignal.timeout(answerTimeoutMs) });
    try {
      const { launchId } = await connection.describe();
      this.#environment.log.warn({ session: record.session, launchId }, "ending an unrecorded session host");
      await connection.stop(record.stop);
    } finally {
      connection.dispose();
    }
  }

  /**
   * Ends the recorded launch, through its host if that answers, else by its cookie and group.
   * @returns the survivors, if any
   */
  async endRecorded(record: HostableRecord, hosting: Hosted): Promise<readonly ProcessView[]> {
    const check = await this.check(hosting);
    if (check.kind === "live") {
      const report = await stopThrough(check.connection, record);
      if (report && report.survivors.length > 0) return report.survivors;
    }
    const survivors = await this.endLeftovers(record, hosting);
    if (check.kind === "silent") await this.#endSilentHost(hosting);
    return survivors;
  }

  /**
   * A host that doesn't answer (paused, stuck) is ours to end, after its tree: as long as it lives, whatever is left
   * without a parent comes back to it and is found below it.
   */
  async #endSilentHost(hosting: Hosted): Promise<void> {
    const launch = this.#recorded(hosting);
    if (launch) await this.#environment.processes.signal(launch.host, "SIGKILL");
  }

  /** Ends what a dead host left running. @returns the survivors, if any */
  async endLeftovers(record: HostableRecord, hosting: Hosted): Promise<readonly ProcessView[]> {
    const root = this.treeOf(hosting);
    const members = await this.#environment.processes.members(root);
    if (members.length === 0) return [];
    this.#environment.log.warn(
      { session: record.session, pids: members.map(({ pid }) => pid) },
      "ending leftovers",
    );
    const report = await terminateTree(this.#environment.processes, root, {
      signal: "SIGTERM",
      timeoutMs: record.stop.timeoutMs,
    });
    return report.survivors;
  }
}

/** @returns undefined where the host is gone before it is done: the rest is done without it */
async function stopThrough(
  connection: HostConnection,
  { stop }: HostableRecord,
): Promise<HostStopResult | undefined> {
  try {
    return await connection.stop(stop);
  } catch (error) {
    if (hasCode(error, "HOST_FAILED")) return undefined;
    throw error;
  } finally {
    connection.dispose();
  }
}

function interpret(text: string): "running" | "occupied" {
  const report = HostReport.safeParse(safeJson(text));
  if (!report.success) {
    throw new DevlatchError(
      "HOST_FAILED",
      `The session host said something unexpected: ${text.slice(0, 200)}`,
      "Client, daemon and host may be of different builds. Run: devlatch daemon stop, then try again.",
    );
  }
  if (report.data.kind !== "failed") return report.data.kind;
  const { code, message, remedy } = report.data;
  throw new DevlatchError(isErrorCode(code) ? code : "HOST_FAILED", message, remedy);
}

function safeJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Whether a record is hosted by this machine. */
export function hostedHere(
  record: { readonly hosting?: Hosting | undefined },
  machineId: string,
): Hosted | undefined {
  return record.hosting?.kind === "hosted" && record.hosting.machineId === machineId
    ? record.hosting
    : undefined;
}
