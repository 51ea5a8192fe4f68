import { runWithDeadline } from "../../shared/base/deadline.ts";
import { type DevlatchError, type ErrorShape, hasCode, toErrorShape } from "../../shared/base/errors.ts";
import type { Progress } from "../../shared/base/flight.ts";
import { randomToken } from "../../shared/base/token.ts";
import type { ConflictPolicy } from "../../shared/model/app.ts";
import { sessionKey } from "../../shared/model/keys.ts";
import type { ProcessIdentity } from "../../shared/model/process.ts";
import type { Exit, SessionRecord, SessionState, StartPhase } from "../../shared/model/session.ts";
import type { HostConnection } from "../hosts/client.ts";
import { type HostDescription, type Hosted, type Hosts, leftoversOf } from "../hosts/hosts.ts";
import type { LockGrant } from "../locks/lock-service.ts";
import { findFreePort } from "../processes/ports.ts";
import { commandOnPort } from "./app-ports.ts";
import type { SessionDependencies } from "./dependencies.ts";
import {
  exitedEarly,
  heldOutOfSight,
  hostUnreachable,
  logTailIn,
  neverReady,
  portConflict,
  stopIncomplete,
} from "./errors.ts";
import { searchedLines, tailLines } from "./limits.ts";
import { freePort, listenersOn } from "./ports.ts";
import { type Readiness, waitUntilReady } from "./readiness.ts";
import { failedRestartState, failedState, inState, intent, readyState, stoppedState } from "./records.ts";
import type { SessionRegistry } from "./registry.ts";
import { mostRestarts } from "./restart-policy.ts";
import type { Restarts } from "./restarts.ts";
import { StartPhases } from "./start-phases.ts";
import type { Target } from "./target.ts";
import { liveTrees } from "./trees.ts";

/** What a caller wishes for a launch. */
export interface LaunchWishes {
  readonly onConflict: ConflictPolicy;
  readonly consent: readonly ProcessIdentity[];
  readonly callerEnvironment: Readonly<Record<string, string>>;
  /** The restart this launch is; absent where a caller asks for it. */
  readonly restart?: { readonly attempt: number; readonly why: string } | undefined;
}

/** Brings up a server once the lock is held and nothing of it runs. */
export class Launcher {
  readonly #dependencies: SessionDependencies;
  readonly #registry: SessionRegistry;
  readonly #hosts: Hosts;
  readonly #restarts: Restarts;
  /** Records of launches whose listener was asked over HTTP and answered in something else. */
  readonly #speaksOther = new WeakSet<SessionRecord>();
  #leaving = false;

  constructor(
    dependencies: SessionDependencies,
    registry: SessionRegistry,
    hosts: Hosts,
    restarts: Restarts,
  ) {
    this.#restarts = restarts;
    this.#dependencies = dependencies;
    this.#registry = registry;
    this.#hosts = hosts;
  }

  /** From now on launches under way are left as they are: the next daemon goes on with them. */
  leave(): void {
    this.#leaving = true;
  }

  /**
   * Chooses the port, writes the intent, launches the host and waits until ready. On failure nothing is left running
   * and the record says why.
   * @throws DevlatchError `PORT_CONFLICT`, `COMMAND_NOT_FOUND`, `DIRECTORY_MISSING`, `EXITED_EARLY`, `DEADLINE`,
   *   `CANCELLED`, `LOCK_LOST`, `HOST_FAILED`, `STORE_UNAVAILABLE`
   */
  async launch(
    target: Target,
    wishes: LaunchWishes,
    grant: LockGrant,
    progress: Progress,
  ): Promise<SessionRecord> {
    const port = await this.#choosePort(target, wishes, grant.signal);
    const { machineId, now, workspace } = this.#dependencies;
    const { command, env } = await commandOnPort(target, port, workspace, this.#registry.all());
    const launchId = randomToken();
    const { restart } = wishes;
    const draft = intent(target, undefined, grant.fence, now(), restart?.attempt);
    const directory = this.#hosts.directoryOf(target.sandboxId, draft.session);
    const hosting: Hosted = { kind: "hosted", launchId, directory, machineId };
    const record: SessionRecord = { ...draft, hosting };
    await this.#registry.write(record);
    this.#restarts.remember(record, wishes.callerEnvironment);
    progress("launching", `Starting \`${command.join(" ")}\` in ${target.plan.cwd}`);
    try {
      // Reuse compares what was asked for; the command that runs may also carry the chosen port.
      const settings = { ...record.settings, command: [...command], env: target.plan.env };
      const spawned = { ...record, settings };
      const { callerEnvironment } = wishes;
      const note = restart && `restart ${restart.attempt} of at most ${mostRestarts}: ${restart.why}`;
      await this.#hosts.launch(spawned, hosting, { callerEnvironment, exported: env, note }, grant.signal);
      return await this.follow(record, hosting, grant, progress);
    } catch (error) {
      throw await this.#fail(record, hosting, error, grant);
    }
  }

  /** Waits until a launched server is ready; also goes on where a former daemon was killed. */
  async follow(
    record: SessionRecord,
    hosting: Hosted,
    grant: LockGrant,
    progress: Progress,
  ): Promise<SessionRecord> {
    const check = await this.#hosts.check(hosting);
    if (check.kind === "silent") throw hostUnreachable(record);
    if (check.kind === "gone")
      throw await this.#ended(record, check.exit ?? { code: null, signal: null }, hosting);
    try {
      return await this.#awaitReady(record, hosting, check, grant, progress);
    } finally {
      check.connection.dispose();
    }
  }

  /** As {@link follow}, and cleans up like {@link launch} when it fails. */
  async resume(
    record: SessionRecord,
    hosting: Hosted,
    grant: LockGrant,
    progress: Progress,
  ): Promise<SessionRecord> {
    // One that was ready stays so in its record, whatever comes of this: it is only asked for an answer again.
    const asked = { kind: "starting", since: this.#dependencies.now(), phase: "responding" } as const;
    const mine = inState(record, record.state.kind === "starting" ? record.state : asked, grant.fence);
    try {
      return await this.follow(mine, hosting, grant, progress);
    } catch (error) {
      throw await this.#fail(mine, hosting, error, grant);
    }
  }

  async #choosePort(target: Target, wishes: LaunchWishes, signal: AbortSignal): Promise<number> {
    const { processes, machineId } = this.#dependencies;
    const { app, port } = target.plan;
    const trees = liveTrees(this.#registry.all(), this.#hosts, machineId);
    const listeners = await listenersOn(processes, port, trees);
    const hidden = await processes.hiddenListeners(port);
    if (listeners.length === 0 && hidden.length === 0) return port;
    if (wishes.consent.length > 0 && hidden.length === 0) {
      await freePort(processes, port, wishes.consent, signal);
      return port;
    }
    if (wishes.onConflict === "next") return findFreePort(port + 1);
    throw hidden.length > 0 ? heldOutOfSight(app, port, hidden) : portConflict(app, port, listeners);
  }

  async #awaitReady(
    record: SessionRecord,
    hosting: Hosted,
    host: { connection: HostConnection; description: HostDescription },
    grant: LockGrant,
    progress: Progress,
  ): Promise<SessionRecord> {
    const { processes, output, now, log } = this.#dependencies;
    const phases = new StartPhases(this.#registry, log, sessionKey(record), record);
    const reach = (phase: StartPhase, message: string) => {
      phases.reach(phase);
      progress(phase, message);
    };
    let exit: Exit | undefined;
    const subscription = host.connection.onNotification("exited", (ended) => {
      exit = ended.exit;
    });
    const { leader, host: hostProcess } = host.description;
    reach("spawned", `Process ${leader.pid} runs; waiting for it to listen on port ${record.settings.port}`);
    try {
      const readiness: Readiness = await waitUntilReady(
        record,
        { leader, cookie: hosting.launchId, host: hostProcess },
        {
          processes,
          tail: () => output.tail(hosting.directory, searchedLines),
          exited: () => exit,
          onOther: () => this.#speaksOther.add(record),
          onPhase: (phase, { port }) => reach(phase, phaseWords(phase, port)),
        },
        grant.signal,
      ).finally(() => phases.settled());
      if (readiness.kind === "ended") throw await this.#ended(record, readiness.exit, hosting);
      grant.signal.throwIfAborted();
      const ready = inState(record, readyState(readiness.server, now()), grant.fence);
      await this.#registry.write(ready);
      progress("ready", `Ready at ${readiness.server.url}`);
      return ready;
    } finally {
      subscription.dispose();
    }
  }

  async #ended(record: SessionRecord, exit: Exit, hosting: Hosted): Promise<DevlatchError> {
    const { output, errorIn, workspace } = this.#dependencies;
    const written = output.tail(hosting.directory, searchedLines);
    const understood = errorIn(written);
    const logTail = understood === undefined ? written.slice(-tailLines) : [understood];
    return exitedEarly(record, exit, logTail, await workspace.missingModules(record.settings.cwd));
  }

  /** Ends what was launched, writes down why, and gives the error to throw. */
  async #fail(record: SessionRecord, hosting: Hosted, cause: unknown, grant: LockGrant): Promise<unknown> {
    // The lock's new owner decides about the server; this daemon must not touch it any more.
    if (hasCode(cause, "LOCK_LOST") || this.#leaving) return cause;
    const seen = await this.#whatWasSeen(record, hosting);
    await this.#end(record, hosting);
    const logTail = logTailIn(cause) ?? this.#dependencies.output.tail(hosting.directory, tailLines);
    const elapsedMs = this.#dependencies.now() - record.startedAt;
    const error =
      hasCode(cause, "DEADLINE") && grant.signal.aborted
        ? neverReady(record, elapsedMs, seen, logTail)
        : cause;
    const shape: ErrorShape = toErrorShape(error);
    const state = this.#stateAfter(record, shape, logTail);
    await this.#registry.write(inState(record, state, grant.fence)).catch((problem: unknown) => {
      this.#dependencies.log.warn(
        { err: problem, session: record.session },
        "a failed start could not be recorded",
      );
    });
    return error;
  }

  #stateAfter(record: SessionRecord, error: ErrorShape, logTail: readonly string[]): SessionState {
    const [now, exit] = [this.#dependencies.now(), exitIn(error)];
    if (error.code === "CANCELLED") return stoppedState(now);
    if (record.restarts === 0) return failedState(now, error, logTail, exit);
    return failedRestartState(record, error, logTail, { now, random: Math.random(), exit });
  }

  async #whatWasSeen(record: SessionRecord, hosting: Hosted): Promise<string> {
    const root = this.#hosts.treeOf(hosting);
    const members = new Set((await this.#dependencies.processes.members(root)).map(({ pid }) => pid));
    const own = (await this.#dependencies.processes.listeners()).filter(({ pid }) => members.has(pid));
    if (own.length === 0) return `it never listened on port ${record.settings.port} or any other`;
    const ports = `it listened on port ${own.map(({ port }) => port).join(", ")}`;
    if (this.#speaksOther.has(record))
      return `${ports} and doesn't speak HTTP/1 (if that is right, say so: "ready": {"tcp": true})`;
    const path = record.ready && "http" in record.ready ? ` well at ${record.ready.http}` : "";
    return `${ports} but didn't answer${path}`;
  }

  async #end(record: SessionRecord, hosting: Hosted): Promise<void> {
    const budgetMs = record.stop.timeoutMs + 10_000;
    const ending = runWithDeadline(budgetMs, `Ending ${record.session}`, async () => {
      const survivors = await this.#hosts.endRecorded(record, hosting);
      if (survivors.length > 0) throw stopIncomplete(record.session, survivors);
    });
    await ending.catch((error: unknown) => {
      this.#dependencies.cleanups.owe(leftoversOf(record, hosting), error);
    });
  }
}

function phaseWords(phase: StartPhase, port: number): string {
  return phase === "listening" ? `It listens on port ${port}` : `Waiting for an answer on port ${port}`;
}

function exitIn({ data }: ErrorShape): Exit | undefined {
  return typeof data === "object" && data !== null && "exit" in data ? (data.exit as Exit) : undefined;
}
