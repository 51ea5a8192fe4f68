import { stat } from "node:fs/promises";
import type { Progress } from "../../shared/base/flight.ts";
import type { AppPlan } from "../../shared/model/app.ts";
import { appDefaults } from "../../shared/model/config.ts";
import { cookieVariable } from "../../shared/model/marks.ts";
import type { RunRecord } from "../../shared/model/run.ts";
import { isRunLive } from "../../shared/model/run-state.ts";
import type { PortBlock, SandboxId } from "../../shared/model/sandbox.ts";
import type { ConfiguredStep, Workspace } from "../detect/workspace.ts";
import type { RunService } from "../runs/service.ts";
import type { Target } from "../sessions/target.ts";
import type { TaskRequest, Tasks, TaskTerms } from "./tasks.ts";

/** The runs that do it. */
export const stepKeys = { setup: "sandbox:setup", teardown: "sandbox:teardown" } as const;

const afterTeardown =
  "Correct what it says, then release again; without it: devlatch sandbox release --skip-teardown";

/** Where it is done. */
export interface StepPlace {
  readonly sandboxId: SandboxId;
  /** Absolute real path. */
  readonly root: string;
  readonly block?: PortBlock;
}

/** What is needed of the rest. */
interface Parts {
  readonly tasks: Pick<Tasks, "done">;
  readonly workspace: Pick<Workspace, "steps">;
  readonly runs: Pick<RunService, "list">;
}

/** What `devlatch.json` has done once with a sandbox: before anything is started or run in it, and when it is given back. */
export class SandboxSteps {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Has a sandbox set up, unless it is, as `devlatch.json` says it now. What the setup itself asks for doesn't wait for it.
   * @throws DevlatchError `CONFIG_INVALID`; as `Tasks.done`
   */
  async setUp(place: StepPlace, request: Omit<TaskRequest, "wait">): Promise<void> {
    const { setup } = await this.#parts.workspace.steps(place.root);
    if (setup === undefined || this.#isOwnCaller(place, request.callerEnvironment)) return;
    const terms = {
      ...{ key: stepKeys.setup, name: "Setup", remedy: "Correct what it says, then do the same again." },
      ...{ inputs: setup.inputs, stamp: `:${await stampOf(place.root)}`, lasts: true },
    };
    await this.#perform(place, setup, terms, { ...request, progress: settingUp(request.progress) });
  }

  /**
   * Undoes what the setup of a sandbox made elsewhere; nothing where none was ever begun.
   * @throws DevlatchError `CONFIG_INVALID`; as `Tasks.done`
   */
  async tearDown(place: StepPlace, request: Omit<TaskRequest, "wait">): Promise<void> {
    if (this.#last(place, stepKeys.setup) === undefined) return;
    const { teardown } = await this.#parts.workspace.steps(place.root);
    if (teardown === undefined) return;
    const terms = {
      ...{ key: stepKeys.teardown, name: "Teardown", remedy: afterTeardown },
      ...{ inputs: [], lasts: false },
    };
    await this.#perform(place, { ...teardown, inputs: [] }, terms, request);
  }

  #perform(place: StepPlace, step: ConfiguredStep, terms: TaskTerms, request: Omit<TaskRequest, "wait">) {
    const plan = planOf(step, place.root);
    const target: Target = { ...place, plan, asked: { cwd: place.root } };
    return this.#parts.tasks.done(target, terms, { ...request, wait: true });
  }

  /** Whether the setup that runs is what asks. */
  #isOwnCaller(place: StepPlace, env: Readonly<Record<string, string>>): boolean {
    const running = this.#last(place, stepKeys.setup);
    return (
      running !== undefined && isRunLive(running.state) && env[cookieVariable] === running.hosting.launchId
    );
  }

  #last({ sandboxId }: StepPlace, key: string): RunRecord | undefined {
    return this.#parts.runs.list().find((one) => one.sandboxId === sandboxId && one.key === key);
  }
}

/** Which directory of that path it is: a worktree that was made anew there isn't set up. */
async function stampOf(root: string): Promise<string> {
  const { ino, birthtimeMs } = await stat(root);
  return `${ino}.${birthtimeMs}`;
}

function settingUp(progress: Progress): Progress {
  return (phase, message) => progress(phase, `Setup: ${message}`);
}

/** A step is no app: it has neither port nor server, and ends. */
function planOf({ command, env, inputs }: ConfiguredStep, root: string): AppPlan {
  return {
    ...{ app: "setup", task: { inputs: [...inputs] }, command, cwd: root, env, source: "config" },
    ...{ port: 0, portOrigin: "guessed", restart: "never", stopWhenUnused: false },
    ...{ stopSignal: appDefaults.stopSignal, stopTimeoutMs: appDefaults.stopTimeoutMs },
  };
}
