import { hasCode } from "../../shared/base/errors.ts";
import type { AppName, AppPlan } from "../../shared/model/app.ts";
import type { SessionPlace } from "../../shared/model/keys.ts";
import {
  type AppPorts,
  appPort,
  derivedSandboxId,
  isServer,
  type PortBlock,
  type SandboxId,
} from "../../shared/model/sandbox.ts";
import type { LaunchRequest, LaunchSettings, SessionRecord } from "../../shared/model/session.ts";
import { isActive } from "../../shared/model/session-state.ts";
import type { PlanWishes, QuestionsAbout, SandboxPlace, Workspace } from "../detect/workspace.ts";
import type { Sandboxes } from "../sandboxes/service.ts";
import type { WorktreePorts } from "../sandboxes/worktree-ports.ts";
import { appPorts } from "../sessions/app-ports.ts";
import type { SessionRegistry } from "../sessions/registry.ts";
import type { Target } from "../sessions/target.ts";
import { meantSession } from "./meant.ts";
import { endingUnused, type Scripted, scripted } from "./scripted.ts";

/** A sandbox, with its ports where it is one of a pool. */
export interface LocatedSandbox {
  readonly sandboxId: SandboxId;
  readonly root: string;
  /** Absolute real path of the directory that was asked about. */
  readonly directory: string;
  readonly block?: PortBlock;
}

/** An app as a caller names it: from which directory, and what it wishes beyond configuration and detection. */
export type AppWishes = LaunchRequest & { readonly app: AppName };

/** Finds out which sandbox and which app callers mean. */
export class Locator {
  readonly #workspace: Workspace;
  readonly #pools: Pick<Sandboxes, "at" | "forStart">;
  readonly #registry: Pick<SessionRegistry, "all">;
  readonly #machineId: string;
  readonly #worktrees: Pick<WorktreePorts, "known"> | undefined;

  constructor(
    workspace: Workspace,
    pools: Pick<Sandboxes, "at" | "forStart">,
    registry: Pick<SessionRegistry, "all">,
    machineId: string,
    worktrees?: Pick<WorktreePorts, "known">,
  ) {
    this.#workspace = workspace;
    this.#pools = pools;
    this.#registry = registry;
    this.#machineId = machineId;
    this.#worktrees = worktrees;
  }

  /** For several questions in a row about one directory, each of which is given it. */
  about(cwd: string): QuestionsAbout {
    return this.#workspace.about(cwd);
  }

  /** The sandbox a directory belongs to. @throws DevlatchError `DIRECTORY_MISSING` */
  async sandbox(cwd: string, project = this.about(cwd)): Promise<LocatedSandbox> {
    return this.#located(await project.locate(), await this.#pools.at(cwd));
  }

  /** As {@link sandbox}, for running something there. @throws DevlatchError `SANDBOX_BUSY` if it isn't claimed */
  async forRun(cwd: string): Promise<LocatedSandbox> {
    return this.#located(await this.#workspace.locate(cwd), await this.#pools.forStart(cwd));
  }

  /**
   * The app a caller means, resolved to what has to run.
   * @param project what was asked about the caller's directory before, whose reading serves here, too
   * @throws DevlatchError `SANDBOX_BUSY` in a sandbox of a pool that no caller has claimed; as `Workspace.plan`
   */
  async target({ app, ...wished }: AppWishes, project = this.about(wished.cwd)): Promise<Target> {
    const { cwd, command, port } = wished;
    const [place, pooled] = await Promise.all([project.locate(), this.#pools.forStart(cwd)]);
    const sandbox = this.#located(place, pooled);
    const wishes = {
      cwd,
      app,
      root: place.root,
      ...(command === undefined ? {} : { command }),
      ...(port === undefined ? {} : { port }),
    };
    const planned = await this.#plan(sandbox, wishes, project);
    const { plan, asked } = wished.whileUsed
      ? await this.#whileUsed(sandbox, wishes, { plan: planned, asked: wished })
      : await this.#asRuns(sandbox, wishes, { plan: planned, asked: wished });
    const isFixed = port !== undefined || plan.external !== undefined || plan.task !== undefined;
    if (!sandbox.block || isFixed) return { ...sandbox, plan, asked };
    const own = { port: appPort(sandbox.block, plan.app, plan.port), portOrigin: "asked" as const };
    return { ...sandbox, plan: { ...plan, ...own }, asked };
  }

  /**
   * The session that a caller means by an app's name; see `meantSession`. Where there is none, the one that a start would
   * make if the app goes by that name.
   * @throws DevlatchError `AMBIGUOUS_APP`, `DIRECTORY_MISSING`, `UNKNOWN_APP` where it is neither a session nor an app
   */
  async session(cwd: string, app: AppName): Promise<SessionPlace> {
    const place = await this.#workspace.locate(cwd);
    const { sandboxId } = this.#located(place, await this.#pools.at(cwd));
    const found = meantSession(app, place.directory, this.#recordsOf(sandboxId));
    if (!found) await this.#requireApp({ cwd, app, root: place.root });
    return { sandboxId, app: found?.app ?? app };
  }

  /** A mistyped name is no app that doesn't run. What can't be read for another reason is none of this question's. */
  async #requireApp(wishes: PlanWishes): Promise<void> {
    await this.#workspace.plan(wishes).catch((error: unknown) => {
      if (hasCode(error, "UNKNOWN_APP")) throw error;
    });
  }

  /** Of several packages that could be the app, the one whose server runs is meant. */
  async #plan({ sandboxId }: LocatedSandbox, wishes: PlanWishes, project: QuestionsAbout): Promise<AppPlan> {
    const records = this.#recordsOf(sandboxId).filter(({ state }) => isActive(state));
    const plan = await project.plan(wishes).catch((error: unknown) => {
      const [only, ...others] = records.filter(({ member }) => member === wishes.app);
      if (!hasCode(error, "AMBIGUOUS_APP") || only === undefined || others.length > 0) throw error;
      return project.plan({ ...wishes, app: only.app });
    });
    if (plan.source !== "detected") return plan;
    const running = records.find((one) => one.app === plan.app);
    if (running) return this.#asFrom(running, plan, wishes);
    // It may go by another name since it was started: packages come and go.
    const same = records.find(({ settings }) => isSameServer(settings, plan));
    return same === undefined ? plan : { ...plan, app: same.app };
  }

  /** A command here is what a script says, and what runs may have been started by that script. */
  async #whileUsed(
    { sandboxId }: LocatedSandbox,
    wishes: PlanWishes,
    { plan, asked }: Scripted,
  ): Promise<Scripted> {
    const running = this.#recordsOf(sandboxId).find((one) => one.app === plan.app && isActive(one.state));
    const found = await scripted(this.#workspace, wishes, { plan, asked }, running);
    return { ...found, plan: endingUnused(found.plan) };
  }

  /** A command that comes to what runs already, as the app is found without it, asks for nothing else. */
  async #asRuns({ sandboxId }: LocatedSandbox, wishes: PlanWishes, own: Scripted): Promise<Scripted> {
    const running = this.#recordsOf(sandboxId).find((one) => one.app === own.plan.app && isActive(one.state));
    if (wishes.command === undefined || running === undefined) return own;
    const found = await scripted(this.#workspace, wishes, own, running);
    return found.asked.command === undefined ? found : own;
  }

  /** One server is started by the root's script and by its package's own: what runs is meant, by whichever of the two. */
  async #asFrom({ asked, settings }: SessionRecord, plan: AppPlan, wishes: PlanWishes): Promise<AppPlan> {
    if (asked === undefined || asked.command !== undefined || settings.cwd === plan.cwd) return plan;
    const same = await this.#workspace.plan({ ...wishes, cwd: asked.cwd }).catch(() => plan);
    return same.app === plan.app ? same : plan;
  }

  #recordsOf(sandboxId: SandboxId): readonly SessionRecord[] {
    return this.#registry.all().filter((one) => one.sandboxId === sandboxId);
  }

  /** What can be started from a directory, and what is wrong with its files; see `Workspace.describe`. */
  async describe(cwd: string, project = this.about(cwd)) {
    const { sandboxId, block } = await this.#withPorts(cwd, project);
    const view = await project.describe();
    return {
      ...view,
      apps: view.apps.map((one) =>
        isServer(one) ? { ...one, port: appPort(block, one.app, one.port) } : one,
      ),
      sandboxId,
    };
  }

  /** The port of every app of the sandbox: where it runs now, else where it would. */
  async ports(cwd: string): Promise<{ readonly sandboxId: SandboxId; readonly ports: AppPorts }> {
    const sandbox = await this.#withPorts(cwd);
    const ports = await appPorts(sandbox, cwd, this.#workspace, this.#registry.all());
    return { sandboxId: sandbox.sandboxId, ports };
  }

  /** The sandbox with the ports it has; those of a worktree are given when a server is launched there first. */
  async #withPorts(cwd: string, project?: QuestionsAbout): Promise<LocatedSandbox> {
    const sandbox = await this.sandbox(cwd, project);
    const block = sandbox.block ?? (await this.#worktrees?.known(sandbox.root));
    return block === undefined ? sandbox : { ...sandbox, block };
  }

  /** A pool's sandbox has an id and ports of its own; else the id is the configuration's, or derived. */
  #located(
    { root, directory, explicitId }: SandboxPlace,
    pooled: Awaited<ReturnType<Sandboxes["at"]>>,
  ): LocatedSandbox {
    if (pooled) return { sandboxId: pooled.slot.sandboxId, root, directory, block: pooled.slot };
    return { sandboxId: explicitId ?? derivedSandboxId(this.#machineId, root), root, directory };
  }
}

function isSameServer(settings: LaunchSettings, plan: AppPlan): boolean {
  return settings.cwd === plan.cwd && settings.command.join("\0") === plan.command.join("\0");
}
