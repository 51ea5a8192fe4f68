import { runWithDeadline } from "../../shared/base/deadline.ts";
import { DevlatchError, hasCode } from "../../shared/base/errors.ts";
import { randomToken } from "../../shared/base/token.ts";
import type { AppName, AppPlan } from "../../shared/model/app.ts";
import type { RunKey, RunView } from "../../shared/model/run.ts";
import type { StartResult } from "../../shared/protocol/methods.ts";
import type { RunOutcome } from "../../shared/protocol/runs.ts";
import type { Workspace } from "../detect/workspace.ts";
import type { ExecutionPlace, RunService } from "../runs/service.ts";
import type { WorktreePorts } from "../sandboxes/worktree-ports.ts";
import { commandOnPort } from "../sessions/app-ports.ts";
import type { SessionRegistry } from "../sessions/registry.ts";
import { sharedEnvironment } from "../sessions/shared-environment.ts";
import type { Target } from "../sessions/target.ts";
import type { EnsureRequest } from "./ensure-request.ts";

/** How long one question waits for a task's end, in milliseconds. */
const waitMs = 30_000;
/** Lines of its output that are shown where it failed. */
const shownLines = 15;
/** Stands for the contents of its files among the variables that are compared. */
const inputsVariable = "DEVLATCH_TASK_INPUTS";

/** What tasks need of the rest. */
export interface TaskParts {
  readonly runs: Pick<RunService, "start" | "wait" | "output" | "stop" | "list">;
  readonly workspace: Pick<Workspace, "inputDigest" | "describe" | "onPort">;
  readonly registry: Pick<SessionRegistry, "all">;
  readonly worktrees: Pick<WorktreePorts, "give">;
}

/** How a task is done, and told of. */
export interface TaskTerms {
  /** Of the run that does it. */
  readonly key: string;
  /** What it is called: `schema`. */
  readonly name: string;
  /** What to do where it fails. */
  readonly remedy: string;
  /** Files it depends on, as patterns from its directory. */
  readonly inputs: readonly string[];
  /** What it depends on beside its files, its command and its variables. */
  readonly stamp?: string;
  /** Whether its result stands until something of that changes. */
  readonly lasts: boolean;
}

/** The key of the run that does an app's task. */
export function taskKey(app: AppName): RunKey {
  return `task:${app}`;
}

/** A task of the configuration. @param again also where nothing has changed */
export function taskTerms({ app, task }: AppPlan, again: boolean): TaskTerms {
  const { inputs = [] } = task ?? {};
  const remedy = `Correct what it says, then: devlatch start ${app}`;
  // Without files to compare nothing tells whether it has to be done again.
  return { key: taskKey(app), name: app, remedy, inputs, lasts: inputs.length > 0 && !again };
}

/** Who asks for it, and how long. */
export type TaskRequest = Pick<
  EnsureRequest,
  "signal" | "timeoutMs" | "wait" | "progress" | "callerEnvironment"
>;

/**
 * What has to be done before others start. Each is a run of the key `task:<app>`: at most one at a time, however many ask, and
 * not again while its command, variables and files are those of the last one that ended well.
 */
export class Tasks {
  readonly #parts: TaskParts;
  /** How many callers wait for each execution. */
  readonly #waiting = new Map<string, number>();

  constructor(parts: TaskParts) {
    this.#parts = parts;
  }

  /**
   * Has a task done.
   * @param target what it runs, and where
   * @throws DevlatchError `EXITED_EARLY` where it fails, with the end of its output; `DEADLINE`, and it goes on; `CONFIG_INVALID`
   *   for files that can't be compared; as `RunService.start`; the signal's reason, once an execution that no other
   *   caller waits for has ended
   */
  async done(target: Target, terms: TaskTerms, request: TaskRequest): Promise<StartResult> {
    const beganAt = performance.now();
    const { sandboxId, plan } = target;
    const { signal, timeoutMs, wait, progress } = request;
    const { key } = terms;
    const asked = await this.#runRequest(target, terms, request);
    const { outcome, run } = await this.#parts.runs.start(asked, signal, progress);
    const place = { sandboxId, key, launchId: run.launchId };
    const result = (state: string): StartResult => ({
      ...{
        outcome: outcome === "replayed" ? "unchanged" : "done",
        session: run.session,
        app: plan.app,
        state,
      },
      ...{ sandboxId, pid: null, port: null, url: null, fence: run.fence, startedAt: run.startedAt },
      elapsedMs: Math.round(performance.now() - beganAt),
    });
    if (outcome === "replayed") return result("finished");
    progress("running", `Running \`${run.command}\``);
    if (!wait) return result("running");
    const ended = await this.#end(place, timeoutMs, signal).catch((error: unknown) => {
      throw hasCode(error, "DEADLINE") && !signal.aborted ? goesOn(terms, run, timeoutMs, error) : error;
    });
    if (ended.kind === "ended" && ended.exitCode === 0) return result("finished");
    throw await this.#failed(terms, run, place, ended);
  }

  async #runRequest(
    target: Target,
    { key, inputs, stamp = "", lasts }: TaskTerms,
    { signal, callerEnvironment }: TaskRequest,
  ) {
    const { workspace, registry, worktrees, runs } = this.#parts;
    const { plan, sandboxId, root } = target;
    const block = target.block ?? (await worktrees.give(root, signal));
    const placed = block ? { ...target, block } : target;
    const { env, own } = await commandOnPort(placed, undefined, workspace, registry.all());
    const digest = await workspace.inputDigest(plan.cwd, inputs, signal);
    const last = runs.list().find((one) => one.sandboxId === sandboxId && one.key === key)?.state;
    const isDone = last?.kind === "finished" && last.exitCode === 0;
    return {
      ...{ sandboxId, root, key, cwd: plan.cwd, command: plan.command, callId: randomToken() },
      inputs: { ...own, [inputsVariable]: `${digest}${stamp}` },
      callerEnvironment: { ...sharedEnvironment(callerEnvironment), ...env },
      ...(isDone && lasts ? { replayMs: Number.POSITIVE_INFINITY } : {}),
    };
  }

  async #end(place: ExecutionPlace, timeoutMs: number, signal: AbortSignal): Promise<RunOutcome> {
    const { launchId } = place;
    this.#waiting.set(launchId, (this.#waiting.get(launchId) ?? 0) + 1);
    const look = async (inner: AbortSignal) => {
      for (;;) {
        const outcome = await this.#parts.runs.wait(place, waitMs, inner);
        if (outcome) return outcome;
      }
    };
    try {
      return await runWithDeadline(timeoutMs, "The task", look, signal);
    } finally {
      const others = (this.#waiting.get(launchId) ?? 1) - 1;
      if (others > 0) this.#waiting.set(launchId, others);
      else this.#waiting.delete(launchId);
      if (others === 0 && signal.aborted) await this.#giveUp(place);
    }
  }

  /** The last caller who leaves takes it along. Never rejects. */
  async #giveUp({ launchId, ...place }: ExecutionPlace): Promise<void> {
    await this.#parts.runs.stop(place, launchId, new AbortController().signal).catch(() => {});
  }

  async #failed(
    { name, remedy }: TaskTerms,
    run: RunView,
    place: ExecutionPlace,
    outcome: RunOutcome,
  ): Promise<DevlatchError> {
    if (outcome.kind === "failed") {
      const { error } = outcome;
      return new DevlatchError("EXITED_EARLY", `${name} has no result: ${error.message}`, error.remedy);
    }
    const how = outcome.cancelled ? "was stopped" : `ended with exit code ${outcome.exitCode}`;
    return new DevlatchError("EXITED_EARLY", `${name} failed: \`${run.command}\` ${how}.`, remedy, {
      data: { exitCode: outcome.exitCode, logTail: await this.#tail(place) },
    });
  }

  async #tail(place: ExecutionPlace): Promise<readonly string[]> {
    const wishes = { form: "lines", limit: 5_000, waitMs: 0 } as const;
    const page = this.#parts.runs.output(place, wishes, new AbortController().signal);
    const { messages } = await page.catch(() => ({ messages: [] }));
    return messages.flatMap(({ kind, text }) => (kind === "output" ? [text] : [])).slice(-shownLines);
  }
}

function goesOn(
  { name }: TaskTerms,
  { key, command }: RunView,
  timeoutMs: number,
  cause: unknown,
): DevlatchError {
  return new DevlatchError(
    "DEADLINE",
    `${name} isn't done after ${Math.round(timeoutMs / 1000)} s: \`${command}\` goes on.`,
    `Ask again to wait on, or stop it with: devlatch run ${key} --stop`,
    { cause },
  );
}
