import { runWithDeadline, until } from "../../shared/base/deadline.ts";
import type { ErrorShape } from "../../shared/base/errors.ts";
import { sessionKey, startLockKey } from "../../shared/model/keys.ts";
import type { ProcessIdentity, ProcessView } from "../../shared/model/process.ts";
import type { SessionRecord, SessionState, StoppedBy } from "../../shared/model/session.ts";
import { sessionName } from "../../shared/model/session-names.ts";
import { isActive } from "../../shared/model/session-state.ts";
import type { StopResult } from "../../shared/protocol/methods.ts";
import { type Hosts, hostedHere, leftoversOf } from "../hosts/hosts.ts";
import type { LockGrant } from "../locks/lock-service.ts";
import { canBind } from "../processes/ports.ts";
import type { SessionDependencies } from "./dependencies.ts";
import { adoptedNeedsConsent, cameBack, portStillTaken, runsElsewhere, stopIncomplete } from "./errors.ts";
import { examine } from "./examine.ts";
import { comeback, keepersOf, keepersOfOne } from "./keepers.ts";
import { tailLines } from "./limits.ts";
import { endProcess, freePort } from "./ports.ts";
import { failedState, inState, stoppedState } from "./records.ts";
import type { SessionRegistry } from "./registry.ts";
import type { StartFlights } from "./start-flights.ts";
import { watchersOf } from "./watchers.ts";

export interface StopRequest {
  readonly sandboxId: string;
  readonly app: string;
  /** The caller consents to ending a server that was adopted, and to forgetting one on a machine that is gone. */
  readonly yes: boolean;
  /** Asked before anything is done, and once more under the lock: what it throws leaves the server as it is. */
  readonly check?: () => Promise<void> | undefined;
  /** Who asks for it, where that is known and is to be said. */
  readonly by?: StoppedBy | undefined;
  /** What the server's thread should say about it. */
  readonly reason?: string | undefined;
  /** Why it counts as failed then; absent where a stop is what was wanted. */
  readonly failure?: ErrorShape;
  /** Milliseconds. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/** Time the port gets to be bindable once the tree is gone, in milliseconds. */
const portGraceMs = 2_000;

/** Stops servers: success means that no process of the tree lives and the port can be bound. */
export class Stopper {
  readonly #dependencies: SessionDependencies;
  readonly #registry: SessionRegistry;
  readonly #hosts: Hosts;
  readonly #flights: Pick<StartFlights, "abort">;

  constructor(
    dependencies: SessionDependencies,
    registry: SessionRegistry,
    hosts: Hosts,
    flights: Pick<StartFlights, "abort">,
  ) {
    this.#dependencies = dependencies;
    this.#registry = registry;
    this.#hosts = hosts;
    this.#flights = flights;
  }

  /**
   * @throws DevlatchError `STOP_INCOMPLETE`, `CONSENT_REQUIRED`, `DEADLINE`, `STORE_UNAVAILABLE`; what the check throws
   */
  async stop(request: StopRequest): Promise<StopResult> {
    const beganAt = performance.now();
    const { sandboxId, app } = request;
    const outcome = await runWithDeadline(
      request.timeoutMs,
      `Stopping ${app}`,
      async (signal) => {
        await request.check?.();
        await this.#flights.abort(sessionKey({ sandboxId, app }));
        const owner = `daemon ${process.pid}, stopping ${app}`;
        const options = { ttlMs: 60_000, waitMs: request.timeoutMs, owner, signal };
        return this.#dependencies.locks.withLock(startLockKey({ sandboxId, app }), options, (grant) =>
          this.#stopUnderLock(request, {
            fence: grant.fence,
            signal: AbortSignal.any([signal, grant.signal]),
          }),
        );
      },
      request.signal,
    );
    return {
      outcome,
      session: sessionName(app),
      elapsedMs: Math.round(performance.now() - beganAt),
      survivors: [],
    };
  }

  async #stopUnderLock(request: StopRequest, grant: LockGrant): Promise<StopResult["outcome"]> {
    const record = await this.#registry.read(sessionKey(request));
    if (!record) return "not_running";
    const finding = await examine(record, this.#dependencies, this.#hosts);
    if (finding.kind === "nothing") return this.#nothingRuns(record, grant);
    // Its processes can't be seen from here: to call it stopped is for its own machine, or for a user who knows.
    if (finding.kind === "elsewhere" && !request.yes) throw runsElsewhere(record);
    await request.check?.();
    if (record.hosting?.kind === "adopted") return this.#stopAdopted(record, request, grant);
    const hosting = hostedHere(record, this.#dependencies.machineId);
    if (hosting && request.reason) await this.#hosts.note(hosting, request.reason);
    const now = this.#dependencies.now();
    await this.#registry.write(inState(record, { kind: "stopping", since: now }, grant.fence));
    const keepers = await this.#keepers(record);
    const survivors = await this.#endTree(record);
    if (survivors.length > 0) {
      const error = this.#owe(record, stopIncomplete(record.session, survivors));
      await this.#registry.write(inState(record, record.state, grant.fence));
      throw error;
    }
    await this.#registry.write(inState(record, this.#stateAfter(record, request), grant.fence));
    await this.#requireBindable(record, grant.signal);
    await this.#requireStaysAway(record, keepers, grant.signal);
    return "stopped";
  }

  async #keepers(record: SessionRecord): Promise<readonly ProcessIdentity[]> {
    const hosting = hostedHere(record, this.#dependencies.machineId);
    return hosting ? keepersOf(this.#dependencies.processes, this.#hosts.treeOf(hosting)) : [];
  }

  async #requireStaysAway(
    record: SessionRecord,
    keepers: readonly ProcessIdentity[],
    signal: AbortSignal,
  ): Promise<void> {
    const { state, settings } = record;
    const port = state.kind === "ready" ? state.port : settings.port;
    const hosting = hostedHere(record, this.#dependencies.machineId);
    const place = { port, root: hosting && this.#hosts.treeOf(hosting) };
    const again = await comeback(this.#dependencies.processes, place, keepers, signal);
    if (again) throw cameBack(record, port, again);
  }

  #stateAfter(record: SessionRecord, { failure, by }: StopRequest): SessionState {
    const now = this.#dependencies.now();
    if (!failure) return stoppedState(now, undefined, by);
    const directory = record.hosting?.kind === "hosted" ? record.hosting.directory : undefined;
    return failedState(now, failure, directory ? this.#dependencies.output.tail(directory, tailLines) : []);
  }

  async #nothingRuns(record: SessionRecord, grant: LockGrant): Promise<StopResult["outcome"]> {
    const hosting = hostedHere(record, this.#dependencies.machineId);
    const keepers = await this.#keepers(record);
    const survivors = hosting ? await this.#hosts.endLeftovers(record, hosting) : [];
    if (survivors.length > 0) throw this.#owe(record, stopIncomplete(record.session, survivors));
    if (isActive(record.state)) {
      await this.#registry.write(inState(record, stoppedState(this.#dependencies.now()), grant.fence));
    }
    await this.#requireStaysAway(record, keepers, grant.signal);
    return record.state.kind === "restarting" ? "stopped" : "not_running";
  }

  async #endTree(record: SessionRecord): Promise<readonly ProcessView[]> {
    const hosting = hostedHere(record, this.#dependencies.machineId);
    if (!hosting) return [];
    try {
      return await this.#hosts.endRecorded(record, hosting);
    } catch (error) {
      // The record says that it is being stopped: that stays true until it is.
      throw this.#owe(record, error);
    }
  }

  /** What could not be ended is ended later. @returns the error, to throw */
  #owe<E>(record: SessionRecord, error: E): E {
    const hosting = hostedHere(record, this.#dependencies.machineId);
    if (hosting) this.#dependencies.cleanups.owe(leftoversOf(record, hosting), error);
    return error;
  }

  async #requireBindable(record: SessionRecord, signal: AbortSignal): Promise<void> {
    const { session, state } = record;
    if (state.kind !== "ready" || !hostedHere(record, this.#dependencies.machineId)) return;
    const { port } = state;
    const limited = AbortSignal.any([signal, AbortSignal.timeout(portGraceMs)]);
    try {
      await until(async () => (await canBind(port)) || undefined, { intervalMs: 10, signal: limited });
    } catch {
      signal.throwIfAborted();
      throw portStillTaken(session, port, await this.#dependencies.processes.listeners(port));
    }
  }

  async #stopAdopted(
    record: SessionRecord,
    request: StopRequest,
    grant: LockGrant,
  ): Promise<StopResult["outcome"]> {
    const { state, hosting } = record;
    if (state.kind !== "ready" || hosting?.kind !== "adopted") return "not_running";
    const identity = { pid: state.pid, startTime: state.startTime };
    const { processes } = this.#dependencies;
    const watchers = await watchersOf(identity, this.#dependencies);
    if (!request.yes) throw adoptedNeedsConsent(record, await processes.describe(identity), watchers);
    const keepers = await keepersOfOne(processes, watchers.at(-1) ?? identity);
    for (const watcher of watchers.toReversed()) await endProcess(processes, watcher, grant.signal);
    await freePort(processes, state.port, [identity], grant.signal);
    const stopped = stoppedState(this.#dependencies.now(), undefined, request.by);
    await this.#registry.write(inState(record, stopped, grant.fence));
    await this.#requireStaysAway(record, keepers, grant.signal);
    return "stopped";
  }
}
