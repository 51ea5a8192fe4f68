import { runWithDeadline } from "../../shared/base/deadline.ts";
import { type DevlatchError, type ErrorShape, hasCode, toErrorShape } from "../../shared/base/errors.ts";
import type { Progress } from "../../shared/base/flight.ts";
import { randomToken } from "../../shared/base/token.ts";
import { sessionKey } from "../../shared/model/keys.ts";
import type { Exit, SessionRecord, SessionState, StartPhase } from "../../shared/model/session.ts";
import type { HostConnection } from "../hosts/client.ts";
import { type HostDescription, type Hosted, type Hosts, leftoversOf } from "../hosts/hosts.ts";
import type { LockGrant } from "../locks/lock-service.ts";
import { AddressConflicts } from "./address-conflicts.ts";
import { commandOnPort } from "./app-ports.ts";
import type { SessionDependencies } from "./dependencies.ts";
import { exitedEarly, hostUnreachable, logTailIn, neverReady, stopIncomplete } from "./errors.ts";
import { type Chosen, type Launched, noticeOf, portWords, wishOf } from "./launch-port.ts";
import type { LaunchWishes } from "./launch-wishes.ts";
import { searchedLines, tailLines } from "./limits.ts";
import { type PortChoice, PortChooser, withoutHandedPort } from "./port-choice.ts";
import { type Readiness, waitUntilReady } from "./readiness.ts";
import { failedRestartState, failedState, inState, intent, readyState, stoppedState } from "./records.ts";
import type { SessionRegistry } from "./registry.ts";
import { mostRestarts } from "./restart-policy.ts";
import type { Restarts } from "./restarts.ts";
import { sharedEnvironment } from "./shared-environment.ts";
import { StartPhases } from "./start-phases.ts";
import type { Target } from "./target.ts";
import { liveTrees } from "./trees.ts";

/** How often a launch gets another port because its own words are that the one before is taken. */
const mostOtherPorts = 5;

/** Brings up a server once the lock is held and nothing of it runs. */
export class Launcher {
  readonly #dependencies: SessionDependencies;
  readonly #registry: SessionRegistry;
  readonly #hosts: Hosts;
  readonly #restarts: Restarts;
  readonly #ports: PortChooser;
  readonly #conflicts: AddressConflicts;
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
    const trees = () => liveTrees(registry.all(), hosts, dependencies.machineId);
    this.#ports = new PortChooser(dependencies, trees);
    this.#conflicts = new AddressConflicts(dependencies, hosts, trees);
  }

  /** From now on launches under way are left as they are: the next daemon goes on with them. */
  leave(): void {
    this.#leaving = true;
  }

  /** Makes sure that a launch would have a port, its own processes apart. @throws as {@link PortChooser.choose} */
  async requirePort(target: Target, wishes: LaunchWishes, signal: AbortSignal): Promise<void> {
    // Those who were agreed to are ended when the launch begins.
    if (wishes.consent.length > 0) return;
    const { release } = await this.#ports.choose(target, wishes, signal);
    release();
  }

  /**
   * Chooses the port, writes the intent, launches the host and waits until ready. On failure nothing is left running
   * and the record says why.
   * @throws DevlatchError `PORT_CONFLICT`, `PORT_FIXED`, `COMMAND_NOT_FOUND`, `DIRECTORY_MISSING`, `EXITED_EARLY`, `DEADLINE`,
   *   `CANCELLED`, `LOCK_LOST`, `HOST_FAILED`, `STORE_UNAVAILABLE`
   */
  async launch(
    target: Target,
    wishes: LaunchWishes,
    grant: LockGrant,
    progress: Progress,
  ): Promise<Launched> {
    let choice = await this.#ports.choose(target, wishes, grant.signal);
    for (let left = mostOtherPorts; ; left--) {
      const chosen = { ...choice, wished: target.plan };
      const terms = left > 0 ? wishes : { ...wishes, onConflict: "fail" as const };
      const outcome = await this.#launchOn(chosen, terms, grant, progress).finally(choice.release);
      if ("record" in outcome) return { ...outcome, ...noticeOf(chosen, outcome.record) };
      choice = outcome.next;
    }
  }

  /** One launch. @returns another port to be launched on, where by the server's own words this one is taken */
  async #launchOn(
    { target, wished }: Chosen,
    wishes: LaunchWishes,
    grant: LockGrant,
    progress: Progress,
  ): Promise<{ readonly record: SessionRecord } | { readonly next: PortChoice }> {
    const { machineId, now, workspace } = this.#dependencies;
    const { plan } = target;
    const { command, env } = await commandOnPort(target, plan.port, workspace, this.#registry.all());
    const launchId = randomToken();
    const { restart } = wishes;
    const draft = intent(target, undefined, grant.fence, now(), restart?.attempt);
    const port = { wish: wishOf(wished), told: plan.portOrigin === "asked" };
    const directory = this.#hosts.directoryOf(target.sandboxId, draft.session);
    const hosting: Hosted = { kind: "hosted", launchId, directory, machineId };
    const record: SessionRecord = { ...draft, hosting, settings: { ...draft.settings, ...port } };
    await this.#registry.write(record);
    this.#restarts.remember(record, wishes.callerEnvironment);
    progress("launching", `Starting \`${command.join(" ")}\` in ${plan.cwd}`);
    try {
      // Reuse compares what was asked for; the command that runs may also carry the chosen port.
      const settings = { ...record.settings, command: [...command], env: plan.env };
      const spawned = { ...record, settings };
      const callerEnvironment = sharedEnvironment(withoutHandedPort(wishes.callerEnvironment));
      const note = restart && `restart ${restart.attempt} of at most ${mostRestarts}: ${restart.why}`;
      await this.#hosts.launch(spawned, hosting, { callerEnvironment, exported: env, note }, grant.signal);
      return { record: await this.follow(record, hosting, grant, progress, plan.portFixed) };
    } catch (cause) {
      const taken = this.#leaving ? undefined : await this.#conflicts.behind(cause, record, hosting, plan);
      const next = taken && (await this.#ports.after(taken, target, wishes, grant.signal));
      if (next === undefined) throw await this.#fail(record, hosting, taken?.error ?? cause, grant);
      await this.#end(record, hosting);
      progress("launching", taken?.error.message ?? "");
      return { next };
    }
  }

  /** Waits until a launched server is ready; also goes on where a former daemon was killed. */
  async follow(
    record: SessionRecord,
    hosting: Hosted,
    grant: LockGrant,
    progress: Progress,
    fixed?: string,
  ): Promise<SessionRecord> {
    const check = await this.#hosts.check(hosting);
    if (check.kind === "silent") throw hostUnreachable(record);
    if (check.kind === "gone")
      throw await this.#ended(record, check.exit ?? { code: null, signal: null }, hosting);
    try {
      return await this.#awaitReady(record, hosting, check, grant, progress, fixed);
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

  async #awaitReady(
    record: SessionRecord,
    hosting: Hosted,
    host: { connection: HostConnection; description: HostDescription },
    grant: LockGrant,
    progress: Progress,
    fixed: string | undefined,
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
    reach("spawned", `Process ${leader.pid} runs; waiting for it to listen${portWords(record, " on port ")}`);
    const taken = new AbortController();
    const watch = this.#conflicts.watch(record, hosting, fixed, (error) => taken.abort(error));
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
        AbortSignal.any([grant.signal, taken.signal]),
      ).finally(() => phases.settled());
      if (readiness.kind === "ended") throw await this.#ended(record, readiness.exit, hosting);
      grant.signal.throwIfAborted();
      const ready = inState(record, readyState(readiness.server, now()), grant.fence);
      await this.#registry.write(ready);
      progress("ready", `Ready at ${readiness.server.url}`);
      return ready;
    } finally {
      subscription.dispose();
      watch.dispose();
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
    if (own.length === 0)
      return `it never listened on ${portWords(record, "port ", " or any other") || "any port"}`;
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
