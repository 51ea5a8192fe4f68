import { type AppPlan, commandSource, Port } from "../../shared/model/app.ts";
import { sessionKey } from "../../shared/model/keys.ts";
import { cookieVariable } from "../../shared/model/marks.ts";
import type { Listener } from "../../shared/model/process.ts";
import { isSameProcess } from "../../shared/model/process-words.ts";
import { findFreePort } from "../processes/ports.ts";
import type { SessionDependencies } from "./dependencies.ts";
import { heldOutOfSight, portConflict, type WantedPort } from "./errors.ts";
import type { LaunchWishes } from "./launch-wishes.ts";
import { portFixed, portPromised } from "./port-errors.ts";
import { PortReservations } from "./port-reservations.ts";
import { freePort, listenersOn } from "./ports.ts";
import type { Target } from "./target.ts";
import type { SessionTree } from "./trees.ts";

/** The port of one launch. */
export interface PortChoice {
  /** The target on its port: asked for where the server has to be told. */
  readonly target: Target;
  /** What the caller should know, in a sentence: it isn't the one it would expect. */
  readonly notice?: string;
  /** To be called when the launch is over: until then no other launch is given this port. */
  readonly release: () => void;
}

/** What a caller wishes that decides the port. */
type PortWishes = Pick<LaunchWishes, "onConflict" | "consent" | "callerEnvironment" | "keepPort">;

/** Chooses the port of a launch: the one asked for, the one a server takes by itself, or another where that is taken. */
export class PortChooser {
  readonly #dependencies: Pick<SessionDependencies, "processes" | "worktrees">;
  readonly #trees: () => readonly SessionTree[];
  readonly #reservations = new PortReservations();

  /** @param trees of all live sessions */
  constructor(
    dependencies: Pick<SessionDependencies, "processes" | "worktrees">,
    trees: () => readonly SessionTree[],
  ) {
    this.#dependencies = dependencies;
    this.#trees = trees;
  }

  /**
   * @throws DevlatchError `PORT_CONFLICT`, with who holds it; `PORT_FIXED` where the server can't take what the caller
   *   asks for; `CONSENT_REQUIRED`, the signal's reason
   */
  async choose(target: Target, wishes: PortWishes, signal: AbortSignal): Promise<PortChoice> {
    const wished = await this.#wished(target, wishes, signal);
    const { plan } = wished.target;
    await this.#requireTakeable(target, signal);
    if (wishes.consent.length > 0) await this.#end(plan, wishes, signal);
    if (plan.portOrigin === "guessed" && !plan.givesPort) return { ...wished, release: () => {} };
    const holder = await this.#holder(wished.target);
    if (holder === undefined) return this.#reserved(wished.target, wished.notice);
    const gives = plan.portOrigin === "guessed" || wishes.onConflict === "next";
    if (!gives || plan.portFixed !== undefined)
      throw holder.error(await this.offered(wished.target.plan.port, wished.target, wishes, signal));
    return this.#next(wished.target, plan.port, signal);
  }

  /** Another port where by the server's own words the one before is taken; undefined where none is wished for, or of use. */
  async after(
    { port }: { readonly port: number },
    target: Target,
    { onConflict }: Pick<PortWishes, "onConflict">,
    signal: AbortSignal,
  ): Promise<PortChoice | undefined> {
    if (onConflict !== "next" || !canBeAnother(port, target)) return undefined;
    return this.#next(target, port, signal).catch(() => undefined);
  }

  /**
   * The port that a caller could have instead of one that is taken; undefined where its user isn't asked, or another port is
   * of no use.
   */
  async offered(
    taken: number,
    target: Target,
    { onConflict }: Pick<PortWishes, "onConflict">,
    signal: AbortSignal,
  ): Promise<number | undefined> {
    if (onConflict !== "ask" || !canBeAnother(taken, target)) return undefined;
    return this.#free(taken, target, signal).catch(() => undefined);
  }

  #free(taken: number, target: Target, signal: AbortSignal): Promise<number> {
    return findFreePort(taken + 1, this.#reservations.others(keyOf(target)), signal);
  }

  async #next(target: Target, taken: number, signal: AbortSignal): Promise<PortChoice> {
    const port = await this.#free(taken, target, signal);
    const notice = `Port ${taken} is taken; ${target.plan.app} was given port ${port}.`;
    return this.#reserved(onPort(target, port), notice);
  }

  /** The target with what decides the port beside its plan: where it is a worktree's, a restart's, the caller's `PORT`. */
  async #wished(
    target: Target,
    wishes: PortWishes,
    signal: AbortSignal,
  ): Promise<Pick<PortChoice, "target" | "notice">> {
    const { plan, asked } = target;
    if (asked.port !== undefined) return { target };
    const ofCaller = callersPort(plan, wishes.callerEnvironment);
    if (ofCaller !== undefined) return { target: onPort(target, ofCaller) };
    if (wishes.keepPort !== undefined && plan.portFixed === undefined)
      return { target: onPort(target, wishes.keepPort) };
    const tellable = plan.portFixed === undefined && !plan.portSpreads;
    const own = tellable ? await this.#dependencies.worktrees?.portOf(target, signal) : undefined;
    if (own === undefined) return { target };
    const notice = `${target.root} is in a worktree, whose ${plan.app} has port ${own.port}.`;
    return { target: onPort({ ...target, block: own.block }, own.port), notice };
  }

  #reserved(target: Target, notice?: string): PortChoice {
    const release = this.#reservations.reserve(target.plan.port, keyOf(target));
    return notice === undefined ? { target, release } : { target, notice, release };
  }

  /** The caller's own flag must reach the server. */
  async #requireTakeable({ plan, asked }: Target, signal: AbortSignal): Promise<void> {
    const { app, portFixed: fixed, ownPort = plan.port } = plan;
    if (asked.port === undefined || fixed === undefined || asked.port === ownPort) return;
    signal.throwIfAborted();
    const listeners = await listenersOn(this.#dependencies.processes, ownPort, this.#trees());
    throw portFixed({ app, port: ownPort, fixed }, asked.port, listeners);
  }

  /** Who has the port, as the error that says so; a session's own processes are about to leave it. */
  async #holder(target: Target): Promise<{ error(next?: number): Error } | undefined> {
    const { processes } = this.#dependencies;
    const wanted = wantedOf(target.plan);
    const listeners = await this.#others(target);
    if (listeners.length > 0) return { error: (next) => portConflict(wanted, listeners, next) };
    const hidden = await processes.hiddenListeners(wanted.port);
    if (hidden.length > 0) return { error: (next) => heldOutOfSight(wanted, hidden, next) };
    const owner = this.#reservations.ownerOf(wanted.port, keyOf(target));
    return owner === undefined ? undefined : { error: (next) => portPromised(wanted, owner, next) };
  }

  /** Who listens there beside the session's own processes, which are about to be stopped. */
  async #others(target: Target): Promise<readonly Listener[]> {
    const { processes } = this.#dependencies;
    const trees = this.#trees();
    const listeners = await listenersOn(processes, target.plan.port, trees);
    const own = trees.find(({ key }) => key === keyOf(target));
    if (own === undefined || listeners.length === 0) return listeners;
    const members = await processes.members(own.root);
    return listeners.filter((one) => !members.some((member) => isSameProcess(member, one)));
  }

  /** Ends what the caller consented to: on the port that is wanted, of a guess on the ports those processes have. */
  async #end(plan: AppPlan, { consent }: PortWishes, signal: AbortSignal): Promise<void> {
    const { processes } = this.#dependencies;
    const isConsented = (one: Listener) => consent.some((given) => isSameProcess(given, one));
    if ((await processes.hiddenListeners(plan.port)).length > 0) return;
    const ports =
      plan.portOrigin === "guessed"
        ? new Set((await processes.listeners()).filter(isConsented).map(({ port }) => port))
        : [plan.port];
    for (const port of ports) await freePort(processes, port, consent, signal);
  }
}

/** One that can't be told a port has its own alone; one that was told a port means another one beside it. */
function canBeAnother(taken: number, { plan }: Target): boolean {
  return plan.portFixed === undefined && (plan.portOrigin !== "asked" || taken === plan.port);
}

function keyOf({ sandboxId, plan }: Target): string {
  return sessionKey({ sandboxId, app: plan.app });
}

function onPort(target: Target, port: number): Target {
  return { ...target, plan: { ...target.plan, port, portOrigin: "asked" } };
}

/** A plan's port, as errors speak of it. */
export function wantedOf({ app, port, portOrigin, portSource, portFixed: fixed }: AppPlan): WantedPort {
  return { app, port, source: portOrigin === "seen" ? portSource : undefined, fixed };
}

/** The caller's environment; without a `PORT` that a server of Devlatch's handed on: it was meant for that server. */
export function withoutHandedPort(
  caller: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  if (caller[cookieVariable] === undefined || caller["PORT"] === undefined) return caller;
  const { PORT: _, ...others } = caller;
  return others;
}

/**
 * The `PORT` of the caller, where nothing that counts for more says another: a flag, `devlatch.json`, the command itself.
 */
function callersPort(plan: AppPlan, caller: Readonly<Record<string, string>>): number | undefined {
  const said =
    plan.portOrigin === "asked" || plan.portSource === commandSource || plan.portFixed !== undefined;
  const digits = (said ? undefined : withoutHandedPort(caller)["PORT"]?.trim()) ?? "";
  return /^\d{1,5}$/.test(digits) ? Port.safeParse(Number(digits)).data : undefined;
}
