import { withDeadline } from "../../shared/base/deadline.ts";
import { DevlatchError, hasCode } from "../../shared/base/errors.ts";
import type { Flight, Progress } from "../../shared/base/flight.ts";
import { sessionKey, startLockKey } from "../../shared/model/keys.ts";
import type { SessionRecord } from "../../shared/model/session.ts";
import { isActive } from "../../shared/model/session-state.ts";
import type { StartResult } from "../../shared/protocol/methods.ts";
import { type Hosts, hostedHere } from "../hosts/hosts.ts";
import { requireProgram } from "../hosts/require-program.ts";
import type { LockGrant } from "../locks/lock-service.ts";
import { Adopter } from "./adopter.ts";
import { refuseSuspended } from "./adoption.ts";
import type { SessionDependencies } from "./dependencies.ts";
import { hostUnreachable, leftToOthers, sessionDiffers } from "./errors.ts";
import { examine, listensAsRecorded } from "./examine.ts";
import { handedOn } from "./handed-on.ts";
import { requireInstalled } from "./installed.ts";
import type { Launcher } from "./launch.ts";
import type { LaunchWishes } from "./launch-wishes.ts";
import { endLeftBehind } from "./left-behind.ts";
import type { SessionRegistry } from "./registry.ts";
import { differences } from "./settings.ts";
import { type Landed, StartFlights, startLockTtlMs } from "./start-flights.ts";
import { startResult } from "./start-result.ts";
import type { Target } from "./target.ts";

/** A start as a caller asks for it. */
export interface StartRequest extends LaunchWishes {
  readonly wait: boolean;
  /** Milliseconds. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly progress: Progress;
  /** Asked once nothing runs that could be had; what it throws keeps a server from being launched. */
  readonly mayLaunch?: () => Promise<void>;
}

/**
 * Ensures a server: however many ask, and however often, one process tree runs and all get its URL.
 * The steps are those of "Ensuring a server" in the design.
 */
export class Starter {
  readonly #dependencies: SessionDependencies;
  readonly #registry: SessionRegistry;
  readonly #hosts: Hosts;
  readonly #launcher: Launcher;
  readonly #adopter: Adopter;
  /** Those under way, by which others learn of them and end them. */
  readonly flights: StartFlights;

  constructor(
    dependencies: SessionDependencies,
    registry: SessionRegistry,
    hosts: Hosts,
    launcher: Launcher,
  ) {
    this.#dependencies = dependencies;
    this.#registry = registry;
    this.#hosts = hosts;
    this.#launcher = launcher;
    this.flights = new StartFlights(dependencies.locks);
    this.#adopter = new Adopter(dependencies, registry, hosts);
  }

  /** @throws DevlatchError see {@link Launcher.launch}; `SESSION_DIFFERS`; `HOST_FAILED` */
  async start(target: Target, request: StartRequest): Promise<StartResult> {
    const beganAt = performance.now();
    const key = sessionKey({ sandboxId: target.sandboxId, app: target.plan.app });
    const signal = withDeadline(request.timeoutMs, `Starting ${target.plan.app}`, request.signal);
    for (;;) {
      const known = await this.#reuseAtOnce(key, target);
      if (known) return startResult("reused", known, beganAt);
      const joined = this.flights.get(key);
      const flight = joined ?? this.#takeOff(key, target, request);
      const landing = request.wait
        ? flight.join(signal, request.progress)
        : this.flights.untilSpawned(flight, key, request, signal);
      const landed = await landing.catch((error: unknown) => {
        // The flight goes on for others: what was seen of it is told to the last one.
        if (error === signal.reason && hasCode(error, "DEADLINE") && this.flights.has(key))
          throw leftToOthers(target.plan.app, request.timeoutMs);
        return againIfTakenOver(error);
      });
      if (landed === "again") continue;
      if (!landed) return this.#underWay(key, target, joined !== undefined, beganAt);
      const outcome = joined && landed.outcome === "started" ? "reused" : landed.outcome;
      // The flight was another caller's: what it brought up must be what this caller asks for.
      if (joined) refuseDifferent(landed.record, target);
      const result = startResult(outcome, landed.record, beganAt);
      return landed.notice === undefined || joined ? result : { ...result, notice: landed.notice };
    }
  }

  /** For a caller who doesn't wait. @param joined whether it is another caller's start */
  #underWay(key: string, target: Target, joined: boolean, beganAt: number): StartResult {
    const record = this.#registry.peek(key);
    if (joined && record) refuseDifferent(record, target);
    return startResult(joined ? "reused" : "started", record, beganAt);
  }

  /**
   * Makes sure that a server which is about to be stopped could be started again.
   * @throws DevlatchError `PORT_CONFLICT`, `PORT_FIXED`, `COMMAND_NOT_FOUND`, `HOST_FAILED`
   */
  async requireStartable(target: Target, wishes: LaunchWishes, signal: AbortSignal): Promise<void> {
    this.#hosts.requireInstalled();
    requireProgram(target.plan, wishes.callerEnvironment);
    await requireInstalled(target.plan, this.#dependencies.workspace);
    await this.#launcher.requirePort(await this.#withPort(target), wishes, signal);
  }

  /** Goes on with a start whose daemon was killed: no caller waits for it yet, later ones join. */
  resume(record: SessionRecord, timeoutMs: number): void {
    const key = sessionKey(record);
    if (this.flights.has(key)) return;
    const flight = this.flights.begin(record, (grant, progress) =>
      this.#resumeUnderLock(key, grant, progress),
    );
    flight
      .join(withDeadline(timeoutMs, `Starting ${record.app}`), () => {})
      .catch((error: unknown) => {
        this.#dependencies.log.warn({ err: error, key }, "a start that a former daemon began has failed");
      });
  }

  /**
   * Notes a server of this project that was started by hand, so that it is seen; nothing is started. Where the
   * session is being changed just now, that is left to the one who does.
   */
  async recognise(unseen: Target, signal: AbortSignal): Promise<void> {
    const { sandboxId, plan } = unseen;
    const key = sessionKey({ sandboxId, app: plan.app });
    const isFree = (record: SessionRecord | undefined) => !record || !isActive(record.state);
    if (this.flights.has(key) || !isFree(this.#registry.peek(key))) return;
    const target = await this.#withPort(unseen);
    if (!(await this.#adopter.find(target, [], signal))) return;
    const owner = `daemon ${process.pid}, recognising ${plan.app}`;
    const options = { ttlMs: startLockTtlMs, waitMs: 0, owner, signal };
    await this.#dependencies.locks.withLock(
      startLockKey({ sandboxId, app: plan.app }),
      options,
      async (grant) => {
        if (isFree(await this.#registry.read(key))) await this.#adopter.adopt(target, [], grant);
      },
    );
  }

  async #reuseAtOnce(key: string, target: Target): Promise<SessionRecord | undefined> {
    const record = this.#registry.peek(key);
    if (record?.state.kind !== "ready" || !(await listensAsRecorded(record, this.#dependencies)))
      return undefined;
    await refuseSuspended(record, this.#dependencies);
    refuseDifferent(record, target);
    return record;
  }

  #takeOff(key: string, target: Target, request: StartRequest): Flight<Landed> {
    return this.flights.begin({ sandboxId: target.sandboxId, app: target.plan.app }, (grant, progress) =>
      this.#startUnderLock(key, target, request, grant, progress),
    );
  }

  async #startUnderLock(
    key: string,
    target: Target,
    request: StartRequest,
    grant: LockGrant,
    progress: Progress,
  ): Promise<Landed> {
    const record = await this.#registry.read(key);
    const running =
      record && (await this.#joinRunning(record, grant, progress, (found) => refuseDifferent(found, target)));
    if (running) return running;
    if (request.restart && record?.state.kind !== "restarting") throw notDueAnyMore(target);
    const seen = await this.#withPort(target);
    const adopted = await this.#adopter.adopt(seen, request.consent, grant);
    if (adopted) return { outcome: "adopted", record: adopted };
    await request.mayLaunch?.();
    try {
      return { outcome: "started", ...(await this.#launcher.launch(seen, request, grant, progress)) };
    } catch (cause) {
      const adopt = () => this.#adopter.adopt(seen, request.consent, grant);
      const handed = await handedOn(cause, adopt, grant.signal);
      if (handed) return { outcome: "adopted", record: handed };
      throw cause;
    }
  }

  async #resumeUnderLock(key: string, grant: LockGrant, progress: Progress): Promise<Landed> {
    const record = await this.#registry.read(key);
    const running = record && (await this.#joinRunning(record, grant, progress, () => {}));
    if (running) return running;
    throw new DevlatchError("NOT_RUNNING", "The server ended while no daemon ran.", "Start it again.");
  }

  /** Second look, under the lock: what runs is reused, what is half done is finished, what is dead is cleaned up. */
  async #joinRunning(
    record: SessionRecord,
    grant: LockGrant,
    progress: Progress,
    accept: (record: SessionRecord) => void,
  ): Promise<Landed | undefined> {
    const finding = await examine(record, this.#dependencies, this.#hosts);
    if (finding.kind === "silent") throw hostUnreachable(record);
    if (finding.kind === "serving" || (finding.kind === "elsewhere" && record.state.kind === "ready")) {
      if (finding.kind === "serving") await refuseSuspended(record, this.#dependencies);
      accept(record);
      return { outcome: "reused", record };
    }
    const hosting = hostedHere(record, this.#dependencies.machineId);
    if (!hosting) return undefined;
    if (finding.kind === "running" && record.state.kind !== "stopping") {
      accept(record);
      return { outcome: "reused", record: await this.#launcher.resume(record, hosting, grant, progress) };
    }
    await endLeftBehind(record, hosting, this.#dependencies, this.#hosts, grant.signal);
    return undefined;
  }

  /** With the port that the project's files say; not read where a server runs and is reused. */
  async #withPort(target: Target): Promise<Target> {
    return { ...target, plan: await this.#dependencies.workspace.seePort(target.plan) };
  }
}

function refuseDifferent(record: SessionRecord, target: Target): void {
  // A server started by hand was never asked for in our words; being of this project is what counts.
  if (record.hosting?.kind === "adopted") return;
  const found = differences(record, target);
  if (found.length > 0) throw sessionDiffers(record, found, target.asked);
}

/** It was stopped between the end of the back-off and the lock. */
function notDueAnyMore({ plan }: Target): DevlatchError {
  return new DevlatchError("CANCELLED", `${plan.app} isn't to be restarted any more.`, "Nothing to do.");
}

/** Another daemon took over meanwhile: asking again joins what it did. */
function againIfTakenOver(error: unknown): "again" {
  if (hasCode(error, "LOCK_LOST") || hasCode(error, "RECORD_CONFLICT")) return "again";
  throw error;
}
