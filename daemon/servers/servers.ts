import { DevlatchError } from "../../shared/base/errors.ts";
import { type SessionPlace, sessionKey } from "../../shared/model/keys.ts";
import type { ProcessIdentity } from "../../shared/model/process.ts";
import type { StoppedBy } from "../../shared/model/session.ts";
import { isActive } from "../../shared/model/session-state.ts";
import type { StartResult, StopResult } from "../../shared/protocol/methods.ts";
import { defaultStartTimeoutMs } from "../../shared/protocol/times.ts";
import type { Caller } from "../holders/callers.ts";
import type { Fight } from "../holders/fights.ts";
import { inState, stoppedState } from "../sessions/records.ts";
import type { DueRestart } from "../sessions/restarts.ts";
import { type SessionService, stopGraceMs } from "../sessions/service.ts";
import type { Target } from "../sessions/target.ts";
import type { EnsureRequest } from "./ensure-request.ts";
import { awaitExternal, notOurs } from "./externals.ts";
import type { Holding } from "./holding.ts";
import type { Locator } from "./locator.ts";
import type { MemoryBudget } from "./memory-budget.ts";
import { type Chain, readyBefore, refuseCircle } from "./prerequisites.ts";
import type { SandboxSteps } from "./sandbox-steps.ts";
import { type Tasks, taskKey, taskTerms } from "./tasks.ts";
import type { Unwell } from "./unwell.ts";

/** What a caller asks for to have none. */
export interface EndRequest {
  readonly cwd: string;
  readonly app: string;
  /** Consent to ending a server that others use, or that was started by hand. */
  readonly yes: boolean;
  /** Milliseconds. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** What a caller who is known by a process can do with a server: have it, have none, have it anew. */
export class Servers {
  readonly #locator: Locator;
  readonly #sessions: SessionService;
  readonly #holding: Holding;
  readonly #unwell: Pick<Unwell, "of">;
  readonly #tasks: Pick<Tasks, "done">;
  readonly #steps: Pick<SandboxSteps, "setUp">;
  readonly #budget: Pick<MemoryBudget, "requireRoom">;

  constructor(
    locator: Locator,
    sessions: SessionService,
    holding: Holding,
    unwell: Pick<Unwell, "of">,
    tasks: Pick<Tasks, "done">,
    steps: Pick<SandboxSteps, "setUp">,
    budget: Pick<MemoryBudget, "requireRoom">,
  ) {
    this.#budget = budget;
    this.#steps = steps;
    this.#unwell = unwell;
    this.#tasks = tasks;
    this.#locator = locator;
    this.#sessions = sessions;
    this.#holding = holding;
  }

  /**
   * Ensures a server: what runs is reused, else it is started; the caller holds it.
   * @throws DevlatchError as {@link Locator.target} and `SessionService.start`
   */
  async ensure(request: EnsureRequest, caller: Caller | undefined): Promise<StartResult> {
    return this.#ensure(request, caller, { names: [], tell: request.progress });
  }

  /** @param chain the apps that wait for this one */
  async #ensure(asked: EnsureRequest, caller: Caller | undefined, chain: Chain): Promise<StartResult> {
    const beganAt = performance.now();
    const target = await this.#locator.target(asked.wishes);
    const { external, task, app } = target.plan;
    refuseCircle(app, chain.names);
    // Those of a chain are in one sandbox.
    if (chain.names.length === 0 && !this.#isUp(target)) await this.#steps.setUp(target, asked);
    const waiting = { ...chain, names: [...chain.names, app] };
    await readyBefore(target, asked, waiting, (one) => this.#ensure(one, caller, waiting));
    const { wishes: _, overBudget, ...rest } = asked;
    const request = { ...rest, timeoutMs: leftOf(asked.timeoutMs, beganAt) };
    if (external) return awaitExternal(target, external, request);
    if (task) return this.#tasks.done(target, taskTerms(target.plan, false), request);
    const place = { sandboxId: target.sandboxId, app: target.plan.app };
    const startedBy = caller && { kind: caller.kind, label: caller.label };
    const mayLaunch = async () => (overBudget ? undefined : this.#budget.requireRoom(app));
    const start = () => this.#sessions.start(target, { ...request, startedBy, mayLaunch });
    const result = await this.#holding.whileStarting(place, caller, start);
    const fights = result.outcome === "started" ? this.#fights(result, request.consent, caller) : [];
    for (const { event } of fights) await this.#sessions.note(place.sandboxId, place.app, event);
    const told = fights.map(({ notice }) => notice);
    const notices = [target.plan.notice, result.notice, ...told, this.#unwellOf(result)].filter(
      (one) => one !== undefined,
    );
    return notices.length === 0 ? result : { ...result, notice: notices.join(" ") };
  }

  /** Whether the caller had the server, or its port, from one who had it from the caller. */
  #fights(
    { sandboxId, app, port }: StartResult,
    consent: readonly ProcessIdentity[],
    caller: Caller | undefined,
  ): readonly Fight[] {
    const contested = [{ sandboxId, app }, ...(consent.length > 0 && port !== null ? [{ port }] : [])];
    return contested.flatMap((what) => this.#holding.tookTurn(what, caller) ?? []);
  }

  #isUp({ sandboxId, plan }: Target): boolean {
    const record = this.#sessions.registry.peek(sessionKey({ sandboxId, app: plan.app }));
    return record !== undefined && isActive(record.state);
  }

  /** A server that listens may give no answer: the caller that gets it as it runs should know. */
  #unwellOf({ outcome, sandboxId, app }: StartResult): string | undefined {
    const words = outcome === "reused" ? this.#unwell.of(sessionKey({ sandboxId, app })) : undefined;
    return words && `${words}. If it hangs: devlatch restart ${app}.`;
  }

  /** @throws DevlatchError `CONSENT_REQUIRED` where others use it; as `SessionService.stop` */
  async stop(
    { cwd, app, yes, timeoutMs, signal }: EndRequest,
    caller: Caller | undefined,
  ): Promise<StopResult> {
    const place = await this.#locator.session(cwd, app);
    const check = () => (yes ? undefined : this.#holding.requireUnheld(place, caller, "stop"));
    const reason = this.#holding.foresee(place, caller)?.event;
    const result = await this.#sessions.stop({
      ...{ ...place, yes, timeoutMs, signal, check, reason },
      by: stopperOf(caller, "stop"),
    });
    await this.#holding.forget(place);
    const elsewhere = result.outcome === "not_running" ? await this.#elsewhere(cwd, app) : undefined;
    if (elsewhere !== undefined) return { ...result, notice: elsewhere };
    const fight = result.outcome === "stopped" ? this.#holding.tookTurn(place, caller) : undefined;
    return fight ? { ...result, notice: fight.notice } : result;
  }

  /** The process that listens for a server that is ready. */
  listenerOf(place: SessionPlace): number | undefined {
    const state = this.#sessions.registry.peek(sessionKey(place))?.state;
    return state?.kind === "ready" ? state.pid : undefined;
  }

  /** Has a failure forgotten. @returns false where there is none @throws DevlatchError `STORE_UNAVAILABLE` */
  async dismiss(place: SessionPlace): Promise<boolean> {
    let dismissed = false;
    await this.#sessions.registry.update(sessionKey(place), (record) => {
      const { state } = record;
      dismissed = state.kind === "failed";
      return state.kind === "failed" ? inState(record, stoppedState(state.since, state.exit)) : undefined;
    });
    return dismissed;
  }

  /** Why an app can't be stopped from here; undefined where it simply doesn't run. */
  async #elsewhere(cwd: string, app: string): Promise<string | undefined> {
    const target = await this.#locator.target({ cwd, app }).catch(() => undefined);
    const { external, task } = target?.plan ?? {};
    if (task)
      return `${app} is a task, which ends by itself. To end it now: devlatch run ${taskKey(app)} --stop`;
    return external && notOurs(app, external);
  }

  /** Stops what runs and ensures it anew. @throws DevlatchError as {@link ensure} and {@link stop} */
  async restart(request: EnsureRequest, yes: boolean, caller: Caller | undefined): Promise<StartResult> {
    // Resolved first: a restart that can't start again must not stop what runs.
    const target = await this.#locator.target(request.wishes);
    const { sandboxId, plan } = target;
    if (plan.task) return this.#tasks.done(target, taskTerms(plan, true), request);
    if (plan.external)
      throw new DevlatchError("INVALID_INPUT", notOurs(plan.app, plan.external), "Restart it where it runs.");
    // What ran had its memory.
    const again = { ...request, overBudget: true, keepPort: this.#sessions.keptPort(target) };
    const place = { sandboxId, app: plan.app };
    const check = () => (yes ? undefined : this.#holding.requireUnheld(place, caller, "restart"));
    const timeoutMs = plan.stopTimeoutMs + stopGraceMs;
    await check();
    await this.#sessions.requireStartable(target, again, request.signal);
    // The others who hold it go on holding what is started again.
    const by = stopperOf(caller, "restart");
    await this.#sessions.stop({ ...place, yes, timeoutMs, signal: request.signal, check, by });
    return this.ensure(again, caller);
  }

  /** Starts again what ended by itself, by the configuration as it is now. @throws DevlatchError as a start does */
  async startAgain({ record, attempt, why, environment }: DueRestart, signal: AbortSignal): Promise<void> {
    const target = await this.#locator.target({ app: record.app, ...(record.asked ?? { cwd: record.root }) });
    await this.#sessions.start(target, {
      keepPort: this.#sessions.keptPort(target),
      onConflict: "fail",
      consent: [],
      callerEnvironment: environment,
      startedBy: record.startedBy,
      restart: { attempt, why },
      wait: true,
      timeoutMs: defaultStartTimeoutMs,
      signal,
      progress: () => {},
    });
  }
}

function stopperOf(caller: Caller | undefined, reason: StoppedBy["for"]): StoppedBy | undefined {
  return caller && { kind: caller.kind, label: caller.label, pid: caller.pid, for: reason };
}

/** What is left of a caller's time, in milliseconds; enough to find out what is there already. */
function leftOf(timeoutMs: number, beganAt: number): number {
  return Math.max(timeoutMs - (performance.now() - beganAt), 1);
}
