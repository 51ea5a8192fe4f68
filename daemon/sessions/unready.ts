import { runWithDeadline } from "../../shared/base/deadline.ts";
import { type ErrorShape, hasCode, toErrorShape } from "../../shared/base/errors.ts";
import type { Exit } from "../../shared/model/exit.ts";
import type { Listener } from "../../shared/model/process.ts";
import type { SessionRecord, SessionState } from "../../shared/model/session.ts";
import { isInterrupted } from "../../shared/model/session-state.ts";
import { type Hosted, type Hosts, leftoversOf } from "../hosts/hosts.ts";
import type { LockGrant } from "../locks/lock-service.ts";
import type { SessionDependencies } from "./dependencies.ts";
import { inputNeeded, logTailIn, notYetReady, serverCrashed, stopIncomplete } from "./errors.ts";
import { portWords } from "./launch-port.ts";
import { tailLines } from "./limits.ts";
import { ownListeners } from "./readiness.ts";
import { crashedState, failedRestartState, failedState, inState, stoppedState } from "./records.ts";
import type { SessionRegistry } from "./registry.ts";
import { isMended, type Standstill } from "./standstill.ts";

/** What becomes of a launch that isn't ready when its start is over. */
export class Unready {
  readonly #dependencies: SessionDependencies;
  readonly #registry: SessionRegistry;
  readonly #hosts: Hosts;
  /** By record of a launch: ports where it was asked over HTTP and answered in something else. */
  readonly #otherPorts = new WeakMap<SessionRecord, Set<number>>();
  /** What a listener of a launch answered last over HTTP. */
  readonly #answered = new WeakMap<SessionRecord, { readonly port: number; readonly status: number }>();

  constructor(dependencies: SessionDependencies, registry: SessionRegistry, hosts: Hosts) {
    this.#dependencies = dependencies;
    this.#registry = registry;
    this.#hosts = hosts;
  }

  /** Notes that a listener of this launch was asked over HTTP and answered in something else. */
  speaksOther(record: SessionRecord, { port }: Pick<Listener, "port">): void {
    this.#otherPorts.set(record, (this.#otherPorts.get(record) ?? new Set()).add(port));
  }

  /** Notes what a listener of this launch answered over HTTP, whether or not it is the app. @param status of HTTP */
  answered(record: SessionRecord, port: number, status: number): void {
    this.#answered.set(record, { port, status });
  }

  /** It comes no further by itself: it is left as it is, its record says so. @returns the error to throw */
  async standsStill(
    record: SessionRecord,
    hosting: Hosted,
    standstill: Standstill,
    grant: Pick<LockGrant, "fence">,
  ): Promise<ErrorShape> {
    const logTail = this.#dependencies.output.tail(hosting.directory, tailLines);
    const now = this.#dependencies.now();
    if (standstill.kind === "asks") {
      const { question } = standstill;
      const state = { kind: "starting", since: record.startedAt, phase: "spawned", asks: question } as const;
      await this.#registry.write(inState(record, state, grant.fence));
      return inputNeeded(record, question, logTail);
    }
    const state = crashedState(record, standstill.crash, logTail, now);
    await this.#registry.write(inState(record, state, grant.fence));
    return serverCrashed(record, state, await isMended({ ...record, state }));
  }

  /**
   * The time of all who waited is over, or the one who waited left a server that others began: it is left as it is.
   * @returns the error to throw
   */
  async left(record: SessionRecord, hosting: Hosted, cause: unknown): Promise<unknown> {
    if (!hasCode(cause, "DEADLINE")) return cause;
    const seen = await this.#whatWasSeen(record, hosting);
    const logTail = this.#dependencies.output.tail(hosting.directory, tailLines);
    return notYetReady(record, this.#dependencies.now() - record.startedAt, seen, logTail);
  }

  /** Ends what was launched, writes down why, and gives the error to throw. */
  async fail(
    record: SessionRecord,
    hosting: Hosted,
    error: unknown,
    grant: Pick<LockGrant, "fence">,
  ): Promise<unknown> {
    await this.end(record, hosting);
    const logTail = logTailIn(error) ?? this.#dependencies.output.tail(hosting.directory, tailLines);
    const state = this.#stateAfter(record, toErrorShape(error), logTail);
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
    if (exit && isInterrupted(exit)) return stoppedState(now, exit);
    if (record.restarts === 0) return failedState(now, error, logTail, exit);
    return failedRestartState(record, error, logTail, { now, random: Math.random(), exit });
  }

  async #whatWasSeen(record: SessionRecord, hosting: Hosted): Promise<string> {
    const own = await ownListeners(this.#hosts.treeOf(hosting), this.#dependencies);
    if (own.length === 0)
      return `it never listened on ${portWords(record, "port ", " or any other") || "any port"}`;
    const other = this.#otherPorts.get(record);
    const ports = `it listens on port ${own.map(({ port }) => port).join(", ")}`;
    const { ready } = record;
    if (ready && "pattern" in ready)
      return `${ports} but its output doesn't say yet what "ready" waits for: ${ready.pattern}`;
    if (own.every(({ port }) => other?.has(port)))
      return `${ports} and doesn't speak HTTP/1 (if that is right, say so: "ready": {"tcp": true})`;
    const answered = this.#answered.get(record);
    if (ready && "http" in ready)
      return `${ports} but didn't answer well at ${ready.http}${answered ? ` (${answered.status})` : ""}`;
    if (answered) {
      const { port, status } = answered;
      return `${ports} and answers ${status} on ${port}, but nothing says that this is the app (if it is, say so: "port": ${port})`;
    }
    return `${ports} but didn't answer over HTTP (if it speaks something else, say so: "ready": {"tcp": true})`;
  }

  /** Ends what was launched; what survives is tried again as a cleanup. */
  async end(record: SessionRecord, hosting: Hosted): Promise<void> {
    const budgetMs = record.stop.timeoutMs + 10_000;
    const ending = runWithDeadline(budgetMs, `Ending ${record.app}`, async () => {
      const survivors = await this.#hosts.endRecorded(record, hosting);
      if (survivors.length > 0) throw stopIncomplete(record.session, survivors);
    });
    await ending.catch((error: unknown) => {
      this.#dependencies.cleanups.owe(leftoversOf(record, hosting), error);
    });
  }
}

function exitIn({ data }: ErrorShape): Exit | undefined {
  return typeof data === "object" && data !== null && "exit" in data ? (data.exit as Exit) : undefined;
}
