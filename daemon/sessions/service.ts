import { type Disposable, Scope } from "../../shared/base/disposable.ts";
import type { AppName } from "../../shared/model/app.ts";
import type { CleanupTask } from "../../shared/model/cleanup.ts";
import { sessionKey } from "../../shared/model/keys.ts";
import type { SandboxId } from "../../shared/model/sandbox.ts";
import type { SessionRecord } from "../../shared/model/session.ts";
import { isLive } from "../../shared/model/session-state.ts";
import type { StartResult, StopResult } from "../../shared/protocol/methods.ts";
import { type Hosts, hostedHere } from "../hosts/hosts.ts";
import type { RecordStore } from "../store/store.ts";
import type { SessionDependencies } from "./dependencies.ts";
import { stopIncomplete } from "./errors.ts";
import { keptPort } from "./kept-port.ts";
import { Launcher } from "./launch.ts";
import type { LaunchWishes } from "./launch-wishes.ts";
import { SessionRegistry } from "./registry.ts";
import { Restarts } from "./restarts.ts";
import { Starter, type StartRequest } from "./start.ts";
import { Stopper, type StopRequest } from "./stop.ts";
import { Supervisor } from "./supervisor.ts";
import type { Target } from "./target.ts";
import { liveTrees, type SessionTree } from "./trees.ts";

/** Time a stop gets beyond the session's own stop timeout, in milliseconds. */
export const stopGraceMs = 30_000;

/** What names a launch, and how its processes are asked to end. */
type EndableLaunch = Extract<CleanupTask, { kind: "end-launch" }>;

/** Which session, and how long its processes get to end by themselves. */
export type StoppableSession = Pick<SessionRecord, "sandboxId" | "app" | "stop">;

/** Why a session is stopped that no caller asked to stop. */
export type StopCause = Pick<StopRequest, "signal" | "reason" | "check" | "failure">;

/** Everything sessions can do, wired together. */
export class SessionService implements Disposable {
  readonly #scope = new Scope();
  readonly registry: SessionRegistry;
  readonly restarts: Restarts;
  readonly #hosts: Hosts;
  readonly #machineId: string;
  readonly #starter: Starter;
  readonly #stopper: Stopper;
  readonly #supervisor: Supervisor;

  constructor(dependencies: SessionDependencies, records: RecordStore) {
    this.registry = this.#scope.add(new SessionRegistry(records, dependencies.log));
    this.#hosts = dependencies.hosts;
    this.#machineId = dependencies.machineId;
    this.restarts = this.#scope.add(new Restarts(dependencies, this.registry));
    const launcher = new Launcher(dependencies, this.registry, this.#hosts, this.restarts);
    this.#scope.defer(() => launcher.leave());
    this.#starter = new Starter(dependencies, this.registry, this.#hosts, launcher);
    this.#stopper = new Stopper(dependencies, this.registry, this.#hosts, this.#starter.flights);
    this.#supervisor = this.#scope.add(
      new Supervisor(dependencies, this.registry, this.#hosts, this.#starter, this.restarts),
    );
  }

  /** Reads all records and picks up what runs. */
  async begin(): Promise<void> {
    await this.registry.load();
    await this.#supervisor.begin();
    this.restarts.begin();
  }

  /** Whether something is being done about the session just now, apart from starts and stops under its lock. */
  isSettling(key: string): boolean {
    return this.#supervisor.isSettling(key);
  }

  get busy(): boolean {
    return this.#supervisor.busy;
  }

  start(target: Target, request: StartRequest): Promise<StartResult> {
    return this.#starter.start(target, request);
  }

  /** The port that a restart of what runs should keep; see {@link keptPort}. */
  keptPort(target: Target): number | undefined {
    return keptPort(
      this.registry.peek(sessionKey({ sandboxId: target.sandboxId, app: target.plan.app })),
      target,
    );
  }

  /** @throws DevlatchError where what runs couldn't be started again; see {@link Starter.requireStartable} */
  requireStartable(target: Target, wishes: LaunchWishes, signal: AbortSignal): Promise<void> {
    return this.#starter.requireStartable(target, wishes, signal);
  }

  /** Shows a server of this project that was started by hand. @throws DevlatchError as a start does */
  recognise(target: Target, signal: AbortSignal): Promise<void> {
    return this.#starter.recognise(target, signal);
  }

  stop(request: StopRequest): Promise<StopResult> {
    return this.#stopper.stop(request);
  }

  /**
   * Stops a session that no caller asked to stop, within its own stop timeout and a grace.
   * @throws DevlatchError as {@link stop}
   */
  stopUnasked(session: StoppableSession, by: StopCause): Promise<StopResult> {
    const { sandboxId, app, stop } = session;
    return this.stop({ sandboxId, app, yes: false, timeoutMs: stop.timeoutMs + stopGraceMs, ...by });
  }

  /**
   * Ends what is left of a launch that is over. One that serves, or is being started, is left alone: to have it
   * stopped is for a caller to ask again.
   * @throws DevlatchError `STOP_INCOMPLETE` naming the survivors
   */
  async endLaunch(launch: EndableLaunch, signal: AbortSignal): Promise<void> {
    const { session, stop, launchId, directory } = launch;
    const hosting = { kind: "hosted", machineId: this.#machineId, launchId, directory } as const;
    const record = this.registry.all().find((one) => isOf(one, launchId));
    if (record?.state.kind === "stopping") {
      await this.stopUnasked({ ...record, stop }, { signal });
      return;
    }
    if (record && isLive(record.state)) {
      const host = await this.#hosts.stateOf(hosting);
      if (host.kind !== "gone") return;
    }
    const survivors = await this.#hosts.endRecorded({ session, stop }, hosting);
    if (survivors.length > 0) throw stopIncomplete(session, survivors);
  }

  /** The process trees that live on this machine. */
  trees(): readonly SessionTree[] {
    return liveTrees(this.registry.all(), this.#hosts, this.#machineId);
  }

  /** Adds an event to the thread of a session that runs on this machine. Never rejects. */
  async note(sandboxId: SandboxId, app: AppName, text: string): Promise<void> {
    const record = this.registry.peek(sessionKey({ sandboxId, app }));
    const hosting = record && hostedHere(record, this.#machineId);
    if (hosting) await this.#hosts.note(hosting, text);
  }

  /** The launch that this machine hosts; undefined for what another one has, or was started by hand. */
  launchHere(record: SessionRecord): string | undefined {
    return hostedHere(record, this.#machineId)?.launchId;
  }

  /** Where the session's thread and socket are on this machine. */
  directoryOf(record: SessionRecord): string {
    return record.hosting?.kind === "hosted"
      ? record.hosting.directory
      : this.#hosts.directoryOf(record.sandboxId, record.session);
  }

  dispose(): void {
    this.#scope.dispose();
  }
}

function isOf({ hosting }: SessionRecord, launchId: string): boolean {
  return hosting?.kind === "hosted" && hosting.launchId === launchId;
}
