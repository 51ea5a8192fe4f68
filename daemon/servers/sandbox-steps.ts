import { stat } from "node:fs/promises";
import type { Progress } from "../../shared/base/flight.ts";
import { digest } from "../../shared/base/token.ts";
import type { AppPlan } from "../../shared/model/app.ts";
import { appDefaults } from "../../shared/model/config.ts";
import type { RunKey, RunRecord } from "../../shared/model/run.ts";
import { isDerived, type PortBlock, type SandboxId } from "../../shared/model/sandbox.ts";
import type { ConfiguredStep, Workspace } from "../detect/workspace.ts";
import type { RunService } from "../runs/service.ts";
import type { Target } from "../sessions/target.ts";
import type { TaskRequest, Tasks, TaskTerms } from "./tasks.ts";

/** The runs that do it. */
export const stepKeys = { setup: "sandbox:setup", teardown: "sandbox:teardown" } as const;

/** In all that a setup runs, and has run: of which sandbox it is. What waited for it from there would wait forever. */
const withinVariable = "DEVLATCH_SETUP";

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
    const { callerEnvironment } = request;
    if (callerEnvironment[withinVariable] === place.sandboxId) return;
    const { setup } = await this.#parts.workspace.steps(place.root);
    if (setup === undefined) return;
    const stamp = await stampOf(place.root);
    const terms = {
      ...{
        key: setupKey(place, stamp),
        name: "Setup",
        remedy: "Correct what it says, then do the same again.",
      },
      ...{ inputs: setup.inputs, stamp: `:${stamp}`, lasts: true },
    };
    await this.#perform(place, setup, terms, {
      ...request,
      callerEnvironment: { ...callerEnvironment, [withinVariable]: place.sandboxId },
      progress: settingUp(request.progress),
    });
  }

  /**
   * Undoes what the setup of a sandbox made elsewhere; nothing where none was ever begun.
   * @throws DevlatchError `CONFIG_INVALID`; as `Tasks.done`
   */
  async tearDown(place: StepPlace, request: Omit<TaskRequest, "wait">): Promise<void> {
    const { sandboxId } = place;
    if (!this.#parts.runs.list().some((one) => one.sandboxId === sandboxId && isSetup(one))) return;
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
}

/** Several checkouts may share an explicit sandbox, and each is set up by itself. */
function setupKey({ sandboxId }: StepPlace, stamp: string): RunKey {
  return isDerived(sandboxId) ? stepKeys.setup : `${stepKeys.setup}:${digest(stamp, 8)}`;
}

function isSetup({ key }: RunRecord): boolean {
  return key === stepKeys.setup || key.startsWith(`${stepKeys.setup}:`);
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
