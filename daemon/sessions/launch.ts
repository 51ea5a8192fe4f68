import { type DevlatchError, type ErrorCode, hasCode } from "../../shared/base/errors.ts";
import type { Progress } from "../../shared/base/flight.ts";
import { randomToken } from "../../shared/base/token.ts";
import type { ConflictPolicy } from "../../shared/model/app.ts";
import { sessionKey } from "../../shared/model/keys.ts";
import type { ProcessIdentity } from "../../shared/model/process.ts";
import type { Exit, SessionRecord, StartPhase } from "../../shared/model/session.ts";
import type { HostConnection } from "../hosts/client.ts";
import type { HostDescription, Hosted, Hosts } from "../hosts/hosts.ts";
import type { LockGrant } from "../locks/lock-service.ts";
import { findFreePort } from "../processes/ports.ts";
import { commandOnPort } from "./app-ports.ts";
import type { SessionDependencies } from "./dependencies.ts";
import { exitedEarly, heldOutOfSight, hostUnreachable, portConflict } from "./errors.ts";
import { searchedLines, tailLines } from "./limits.ts";
import { freePort, listenersOn } from "./ports.ts";
import { type Readiness, waitUntilReady, wishOf } from "./readiness.ts";
import { inState, intent, readyState } from "./records.ts";
import type { SessionRegistry } from "./registry.ts";
import { mostRestarts } from "./restart-policy.ts";
import type { Restarts } from "./restarts.ts";
import { graceOf, StandstillWatch } from "./standstill.ts";
import { StartPhases } from "./start-phases.ts";
import type { Target } from "./target.ts";
import { liveTrees } from "./trees.ts";
import { Unready } from "./unready.ts";

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
  readonly #unready: Unready;
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
    this.#unready = new Unready(dependencies, registry, hosts);
  }

  /** From now on launches under way are left as they are: the next daemon goes on with them. */
  leave(): void {
    this.#leaving = true;
  }

  /**
   * Chooses the port, writes the intent, launches the host and waits until ready. On failure nothing is left running
   * and the record says why. At the deadline the server is left as it is: a later start joins it.
   * @throws DevlatchError `PORT_CONFLICT`, `COMMAND_NOT_FOUND`, `DIRECTORY_MISSING`, `EXITED_EARLY`, `DEADLINE`,
   *   `CANCELLED`, `LOCK_LOST`, `HOST_FAILED`, `STORE_UNAVAILABLE`; `SERVER_CRASHED`, `INPUT_NEEDED`: it is left, too
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
    const planned = intent(target, undefined, grant.fence, now(), restart?.attempt);
    const draft = port === target.plan.port ? planned : { ...planned, port };
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
      await this.#hosts.launch(
        spawned,
        hosting,
        { callerEnvironment, exported: env, note },
        untilCancelled(grant.signal),
      );
      return await this.follow(record, hosting, grant, progress);
    } catch (error) {
      throw await this.#fail(record, hosting, error, grant);
    }
  }

  /**
   * Waits until a launched server is ready; also goes on where a former daemon was killed.
   * @param graceMs how long a crash that is known may be one that is just being mended, in milliseconds
   */
  async follow(
    record: SessionRecord,
    hosting: Hosted,
    grant: LockGrant,
    progress: Progress,
    graceMs = 0,
  ): Promise<SessionRecord> {
    const check = await this.#hosts.check(hosting);
    if (check.kind === "silent") throw hostUnreachable(record);
    if (check.kind === "gone") throw this.#ended(record, check.exit ?? { code: null, signal: null }, hosting);
    try {
      return await this.#awaitReady(record, hosting, { ...check, graceMs }, grant, progress);
    } finally {
      check.connection.dispose();
    }
  }

  /** As {@link follow} for a server that was there before: it is left as it is where its process didn't end. */
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
      return await this.follow(mine, hosting, grant, progress, await graceOf(record));
    } catch (error) {
      throw await this.#failResumed(mine, hosting, error, grant);
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
    host: { connection: HostConnection; description: HostDescription; graceMs: number },
    grant: LockGrant,
    progress: Progress,
  ): Promise<SessionRecord> {
    const { processes, output, crashIn, now, log } = this.#dependencies;
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
    reach("spawned", `Process ${leader.pid} runs; waiting for it to listen on port ${wishOf(record).port}`);
    const { directory, launchId } = hosting;
    const root = { leader, cookie: launchId, host: hostProcess };
    const tail = () => output.tail(directory, searchedLines);
    const watch = new StandstillWatch(root, {
      ...{ processes, tail, crashIn },
      unfinished: () => output.unfinished(directory, launchId),
      lastSeq: () => output.lastSeq(directory),
    });
    const patientUntil = performance.now() + host.graceMs;
    try {
      const readiness: Readiness = await waitUntilReady(
        record,
        root,
        {
          processes,
          tail,
          exited: () => exit,
          onOther: () => this.#unready.speaksOther(record),
          standstill: async (now) => (now < patientUntil ? undefined : watch.look(now)),
          onPhase: (phase, { port }) => reach(phase, phaseWords(phase, port)),
        },
        grant.signal,
      ).finally(() => phases.settled());
      if (readiness.kind === "ended") throw this.#ended(record, readiness.exit, hosting);
      if (readiness.kind === "standstill")
        throw await this.#unready.standsStill(record, hosting, readiness.standstill, grant);
      grant.signal.throwIfAborted();
      const ready = inState(record, readyState(readiness.server, now()), grant.fence);
      await this.#registry.write(ready);
      progress("ready", `Ready at ${readiness.server.url}`);
      return ready;
    } finally {
      subscription.dispose();
    }
  }

  #ended(record: SessionRecord, exit: Exit, hosting: Hosted): DevlatchError {
    return exitedEarly(record, exit, this.#dependencies.output.tail(hosting.directory, tailLines));
  }

  /** What becomes of a launch of this start that isn't ready. @returns the error to throw */
  async #fail(record: SessionRecord, hosting: Hosted, cause: unknown, grant: LockGrant): Promise<unknown> {
    // The lock's new owner decides about the server; this daemon must not touch it any more.
    if (isDecided(cause) || this.#leaving) return cause;
    if (hasCode(cause, "DEADLINE") && cause === grant.signal.reason)
      return this.#unready.left(record, hosting, cause);
    return this.#unready.fail(record, hosting, cause, grant);
  }

  /** The same for a launch that was there before this start: whoever leaves it, it stays. */
  async #failResumed(
    record: SessionRecord,
    hosting: Hosted,
    cause: unknown,
    grant: LockGrant,
  ): Promise<unknown> {
    if (isDecided(cause) || this.#leaving) return cause;
    if (!hasCode(cause, "EXITED_EARLY")) return this.#unready.left(record, hosting, cause);
    return this.#unready.fail(record, hosting, cause, grant);
  }
}

/** A signal that doesn't abort at a caller's deadline: what is being launched then is launched. */
function untilCancelled(signal: AbortSignal): AbortSignal {
  const controller = new AbortController();
  const follow = () => hasCode(signal.reason, "DEADLINE") || controller.abort(signal.reason);
  if (signal.aborted) follow();
  else signal.addEventListener("abort", follow, { once: true });
  return controller.signal;
}

/** Whether the record says already what became of it, or another owner of the lock does. */
function isDecided(cause: unknown): boolean {
  return ["LOCK_LOST", "SERVER_CRASHED", "INPUT_NEEDED"].some((code) => hasCode(cause, code as ErrorCode));
}

function phaseWords(phase: StartPhase, port: number): string {
  return phase === "listening" ? `It listens on port ${port}` : `Waiting for an answer on port ${port}`;
}
