import type { Disposable } from "../../shared/base/disposable.ts";
import { Scope } from "../../shared/base/disposable.ts";
import { Emitter } from "../../shared/base/emitter.ts";
import { DevlatchError, type ErrorShape, toErrorShape } from "../../shared/base/errors.ts";
import { sessionKey } from "../../shared/model/keys.ts";
import type { SessionRecord } from "../../shared/model/session.ts";
import { spokenSession } from "../../shared/model/session-names.ts";
import { isActive } from "../../shared/model/session-state.ts";
import type { SessionDependencies } from "./dependencies.ts";
import { failedRestartState, failedState, inState } from "./records.ts";
import type { SessionRegistry } from "./registry.ts";

type Environment = Readonly<Record<string, string>>;

/** A server whose time has come. The use cases start it as for a caller. */
export interface DueRestart {
  readonly record: SessionRecord;
  readonly attempt: number;
  /** How it ended. */
  readonly why: string;
  /** What it was started with before. */
  readonly environment: Environment;
}

/**
 * Waits out the back-off of this machine's servers that are to be started again. The state is in the record, so a
 * restart that was due survives the daemon; a stop or a start by any caller changes the state and with it the plan.
 */
export class Restarts implements Disposable {
  readonly #dependencies: Pick<SessionDependencies, "machineId" | "now" | "log">;
  readonly #registry: SessionRegistry;
  readonly #scope = new Scope();
  readonly #timers = new Map<string, NodeJS.Timeout>();
  /** By session. Values may be secrets: they are nowhere but here and in the host. */
  readonly #environments = new Map<string, Environment>();
  readonly #due = this.#scope.add(new Emitter<DueRestart>());
  readonly onDue = this.#due.event;

  constructor(
    dependencies: Pick<SessionDependencies, "machineId" | "now" | "log">,
    registry: SessionRegistry,
  ) {
    this.#dependencies = dependencies;
    this.#registry = registry;
    this.#scope.add(registry.onChanged(({ key, record }) => this.#plan(key, record)));
    this.#scope.defer(() => {
      for (const timer of this.#timers.values()) clearTimeout(timer);
    });
  }

  /** Plans what former daemons left to be restarted. */
  begin(): void {
    for (const record of this.#registry.all()) this.#plan(sessionKey(record), record);
  }

  /** Keeps what a server was started with, as long as it may be started again. */
  remember(record: SessionRecord, environment: Environment): void {
    if (record.restart !== "never") this.#environments.set(sessionKey(record), environment);
  }

  knows(record: SessionRecord): boolean {
    return record.restart === "never" || this.#environments.has(sessionKey(record));
  }

  /** A restart failed before anything was launched (configuration, a taken port): the next one, or none any more. */
  async failed(due: DueRestart, cause: unknown): Promise<void> {
    await this.#end(due.record, (record) => {
      const at = { now: this.#dependencies.now(), random: Math.random(), exit: undefined };
      return failedRestartState({ ...record, restarts: due.attempt }, toErrorShape(cause), [], at);
    });
  }

  #plan(key: string, record: SessionRecord | undefined): void {
    clearTimeout(this.#timers.get(key));
    this.#timers.delete(key);
    if (!record || !isActive(record.state)) this.#environments.delete(key);
    const isHere = record?.hosting?.machineId === this.#dependencies.machineId;
    if (record?.state.kind !== "restarting" || !isHere || this.#scope.disposed) return;
    const inMs = Math.max(0, record.state.at - this.#dependencies.now());
    this.#timers.set(
      key,
      setTimeout(() => this.#fire(key, record), inMs),
    );
  }

  #fire(key: string, record: SessionRecord): void {
    this.#timers.delete(key);
    const { state } = record;
    if (state.kind !== "restarting") return;
    const environment = this.#environments.get(key);
    if (environment) {
      this.#due.fire({ record, attempt: state.attempt, why: state.error.message, environment });
      return;
    }
    void this.#end(record, () =>
      failedState(
        this.#dependencies.now(),
        environmentGone(record, state.error.message),
        state.error.logTail,
      ),
    );
  }

  async #end(
    due: SessionRecord,
    stateAfter: (record: SessionRecord) => SessionRecord["state"],
  ): Promise<void> {
    try {
      await this.#registry.update(sessionKey(due), (record) => {
        const isSame = record.state.kind === "restarting" && record.state.since === due.state.since;
        return isSame ? inState({ ...record, restarts: record.restarts + 1 }, stateAfter(record)) : undefined;
      });
    } catch (error) {
      this.#dependencies.log.warn({ err: error, session: due.session }, "a restart could not be recorded");
    }
  }

  dispose(): void {
    this.#scope.dispose();
  }
}

function environmentGone({ session, app }: SessionRecord, how: string): ErrorShape {
  return new DevlatchError(
    "NOT_RUNNING",
    `${how} It could not be restarted: the environment ${spokenSession(session)} was started with went with its daemon and its host.`,
    `Start it again with: devlatch start ${app}`,
  );
}
