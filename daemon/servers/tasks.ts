import { runWithDeadline } from "../../shared/base/deadline.ts";
import { DevlatchError, hasCode } from "../../shared/base/errors.ts";
import { randomToken } from "../../shared/base/token.ts";
import type { Task } from "../../shared/model/app.ts";
import type { RunView } from "../../shared/model/run.ts";
import type { StartResult } from "../../shared/protocol/methods.ts";
import type { RunOutcome } from "../../shared/protocol/runs.ts";
import type { Workspace } from "../detect/workspace.ts";
import type { ExecutionPlace, RunService } from "../runs/service.ts";
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
interface Parts {
  readonly runs: Pick<RunService, "start" | "wait" | "output" | "stop" | "list">;
  readonly workspace: Pick<Workspace, "inputDigest" | "describe" | "onPort">;
  readonly registry: Pick<SessionRegistry, "all">;
}

/**
 * What has to be done before others start. Each is a run of the key `task:<app>`: at most one at a time, however many ask, and
 * not again while its command, variables and files are those of the last one that ended well.
 */
export class Tasks {
  readonly #parts: Parts;
  /** How many callers wait for each execution. */
  readonly #waiting = new Map<string, number>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Has a task done.
   * @param again also where nothing has changed
   * @throws DevlatchError `EXITED_EARLY` where it fails, with the end of its output; `DEADLINE`, and it goes on; `CONFIG_INVALID`
   *   for files that can't be compared; as `RunService.start`; the signal's reason, once an execution that no other
   *   caller waits for has ended
   */
  async done(
    target: Target,
    task: Task,
    request: Omit<EnsureRequest, "wishes">,
    again = false,
  ): Promise<StartResult> {
    const beganAt = performance.now();
    const { sandboxId, plan } = target;
    const { signal, timeoutMs, wait, progress } = request;
    const key = `task:${plan.app}`;
    const asked = await this.#runRequest(target, task, key, request, again);
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
      throw hasCode(error, "DEADLINE") && !signal.aborted ? goesOn(plan.app, run, timeoutMs, error) : error;
    });
    if (ended.kind === "ended" && ended.exitCode === 0) return result("finished");
    throw await this.#failed(plan.app, run, place, ended);
  }

  async #runRequest(
    target: Target,
    { inputs }: Task,
    key: string,
    { signal, callerEnvironment }: Omit<EnsureRequest, "wishes">,
    again: boolean,
  ) {
    const { workspace, registry } = this.#parts;
    const { plan, sandboxId, root } = target;
    const { env, own } = await commandOnPort(target, undefined, workspace, registry.all());
    const digest = await workspace.inputDigest(plan.cwd, inputs, signal);
    const last = this.#parts.runs.list().find((one) => one.sandboxId === sandboxId && one.key === key)?.state;
    const isDone = last?.kind === "finished" && last.exitCode === 0;
    return {
      ...{ sandboxId, root, key, cwd: plan.cwd, command: plan.command, callId: randomToken() },
      inputs: { ...own, [inputsVariable]: digest },
      callerEnvironment: { ...sharedEnvironment(callerEnvironment), ...env },
      // Without files to compare nothing tells whether it has to be done again.
      ...(isDone && !again && inputs.length > 0 ? { replayMs: Number.POSITIVE_INFINITY } : {}),
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
    app: string,
    run: RunView,
    place: ExecutionPlace,
    outcome: RunOutcome,
  ): Promise<DevlatchError> {
    if (outcome.kind === "failed") {
      const { message, remedy } = outcome.error;
      return new DevlatchError("EXITED_EARLY", `${app} has no result: ${message}`, remedy);
    }
    const how = outcome.cancelled ? "was stopped" : `ended with exit code ${outcome.exitCode}`;
    return new DevlatchError(
      "EXITED_EARLY",
      `${app} failed: \`${run.command}\` ${how}.`,
      `Correct what it says, then: devlatch start ${app}`,
      { data: { exitCode: outcome.exitCode, logTail: await this.#tail(place) } },
    );
  }

  async #tail(place: ExecutionPlace): Promise<readonly string[]> {
    const wishes = { form: "lines", limit: 5_000, waitMs: 0 } as const;
    const page = this.#parts.runs.output(place, wishes, new AbortController().signal);
    const { messages } = await page.catch(() => ({ messages: [] }));
    return messages.flatMap(({ kind, text }) => (kind === "output" ? [text] : [])).slice(-shownLines);
  }
}

function goesOn(app: string, { key, command }: RunView, timeoutMs: number, cause: unknown): DevlatchError {
  return new DevlatchError(
    "DEADLINE",
    `${app} isn't done after ${Math.round(timeoutMs / 1000)} s: \`${command}\` goes on.`,
    `Start again to wait on, or stop it with: devlatch run ${key} --stop`,
    { cause },
  );
}
