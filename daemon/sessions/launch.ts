import { type ErrorCode, hasCode } from "../../shared/base/errors.ts";
import type { Progress } from "../../shared/base/flight.ts";
import { randomToken } from "../../shared/base/token.ts";
import type { SessionRecord } from "../../shared/model/session.ts";
import { mostRestarts } from "../../shared/model/session-state.ts";
import type { Hosted, Hosts } from "../hosts/hosts.ts";
import type { LockGrant } from "../locks/lock-service.ts";
import { AddressConflicts } from "./address-conflicts.ts";
import { commandOnPort } from "./app-ports.ts";
import type { SessionDependencies } from "./dependencies.ts";
import { isHostKilled } from "./errors.ts";
import { LaunchFollower } from "./follow-launch.ts";
import { type Chosen, keptWish, type Launched, type LaunchOutcome, noticeOf } from "./launch-port.ts";
import type { LaunchWishes } from "./launch-wishes.ts";
import { PortChooser, withoutHandedPort } from "./port-choice.ts";
import { withNext } from "./port-errors.ts";
import { inState, intent, ofStarter } from "./records.ts";
import type { SessionRegistry } from "./registry.ts";
import type { Restarts } from "./restarts.ts";
import { sharedEnvironment } from "./shared-environment.ts";
import { graceOf } from "./standstill.ts";
import type { Target } from "./target.ts";
import { liveTrees } from "./trees.ts";
import { Unready } from "./unready.ts";

/** How often a launch gets another port because its own words are that the one before is taken. */
const mostOtherPorts = 5;

/** Brings up a server once the lock is held and nothing of it runs. */
export class Launcher {
  readonly #dependencies: SessionDependencies;
  readonly #registry: SessionRegistry;
  readonly #hosts: Hosts;
  readonly #restarts: Restarts;
  readonly #ports: PortChooser;
  readonly #conflicts: AddressConflicts;
  readonly #unready: Unready;
  readonly #follower: LaunchFollower;
  #leaving = false;

  constructor(
    dependencies: SessionDependencies,
    registry: SessionRegistry,
    hosts: Hosts,
    restarts: Restarts,
  ) {
    this.#restarts = restarts;
    this.#dependencies = dependencies;
    this.#registry = registry;
    this.#hosts = hosts;
    const trees = () => liveTrees(registry.all(), hosts, dependencies.machineId);
    this.#ports = new PortChooser(dependencies, trees);
    this.#conflicts = new AddressConflicts(dependencies, hosts, trees);
    this.#unready = new Unready(dependencies, registry, hosts);
    const parts = { dependencies, registry, hosts, trees };
    this.#follower = new LaunchFollower({ ...parts, conflicts: this.#conflicts, unready: this.#unready });
  }

  /** From now on launches under way are left as they are: the next daemon goes on with them. */
  leave(): void {
    this.#leaving = true;
  }

  /** Makes sure that a launch would have a port, its own processes apart. @throws as {@link PortChooser.choose} */
  async requirePort(target: Target, wishes: LaunchWishes, signal: AbortSignal): Promise<void> {
    // Those who were agreed to are ended when the launch begins.
    if (wishes.consent.length > 0) return;
    const { release } = await this.#ports.choose(target, wishes, signal);
    release();
  }

  /**
   * Chooses the port, writes the intent, launches the host and waits until ready. On failure nothing is left running
   * and the record says why. At the deadline the server is left as it is: a later start joins it.
   * @throws DevlatchError `PORT_CONFLICT`, `PORT_FIXED`, `COMMAND_NOT_FOUND`, `DIRECTORY_MISSING`, `EXITED_EARLY`, `DEADLINE`,
   *   `CANCELLED`, `LOCK_LOST`, `HOST_FAILED`, `STORE_UNAVAILABLE`; `SERVER_CRASHED`, `INPUT_NEEDED`: it is left, too
   */
  async launch(
    target: Target,
    wishes: LaunchWishes,
    grant: LockGrant,
    progress: Progress,
  ): Promise<Launched> {
    let choice = await this.#ports.choose(target, wishes, grant.signal);
    for (let left = mostOtherPorts; ; left--) {
      const chosen = { ...choice, wished: target.plan };
      const terms = left > 0 ? wishes : { ...wishes, onConflict: "fail" as const };
      const outcome = await this.#launchOn(chosen, terms, grant, progress).finally(choice.release);
      if ("record" in outcome) return { ...outcome, ...noticeOf(chosen, outcome.record, outcome.beside) };
      choice = outcome.next;
    }
  }

  /** One launch. @returns another port to be launched on, where by the server's own words this one is taken */
  async #launchOn(
    { target, wished }: Chosen,
    wishes: LaunchWishes,
    grant: LockGrant,
    progress: Progress,
  ): Promise<LaunchOutcome> {
    const { machineId, now, workspace } = this.#dependencies;
    const { plan } = target;
    const { command, env, own } = await commandOnPort(target, plan.port, workspace, this.#registry.all());
    const launchId = randomToken();
    const { restart, startedBy } = wishes;
    const draft = intent(target, undefined, grant.fence, now(), restart?.attempt);
    const port = { wish: keptWish(wished), told: plan.portOrigin === "asked" };
    const directory = this.#hosts.directoryOf(target.sandboxId, draft.session);
    const hosting: Hosted = { kind: "hosted", launchId, directory, machineId };
    const settings = { ...draft.settings, ...port };
    const record: SessionRecord = { ...draft, hosting, settings, ...ofStarter(startedBy, plan) };
    await this.#registry.write(record);
    this.#restarts.remember(record, wishes.callerEnvironment);
    progress("launching", `Starting \`${command.join(" ")}\` in ${plan.cwd}`);
    try {
      // Reuse compares what was asked for; the command that runs may also carry the chosen port.
      const spawned = { ...record, settings: { ...settings, command: [...command], env: own } };
      const callerEnvironment = sharedEnvironment(withoutHandedPort(wishes.callerEnvironment));
      const note = restart && `restart ${restart.attempt} of at most ${mostRestarts}: ${restart.why}`;
      const inherited = { callerEnvironment, exported: env, note };
      await this.#hosts.launch(spawned, hosting, inherited, untilCancelled(grant.signal));
      const terms = { fixed: plan.portFixed, isNew: true };
      const ready = await this.#follower.follow(record, hosting, grant, progress, terms);
      return { record: ready, beside: await this.#conflicts.beside(ready, hosting) };
    } catch (cause) {
      const taken = this.#leaving ? undefined : await this.#conflicts.behind(cause, record, hosting, plan);
      const next = taken && (await this.#ports.after(taken, target, wishes, grant.signal));
      if (next === undefined) {
        const offered = taken && (await this.#ports.offered(taken.port, target, wishes, grant.signal));
        throw await this.#fail(record, hosting, taken ? withNext(taken.error, offered) : cause, grant);
      }
      await this.#unready.end(record, hosting);
      progress("launching", taken?.error.message ?? "");
      return { next };
    }
  }

  /** As {@link LaunchFollower.follow} for a server that was there before: it is left as it is where its process didn't end. */
  async resume(
    record: SessionRecord,
    hosting: Hosted,
    grant: LockGrant,
    progress: Progress,
  ): Promise<SessionRecord> {
    // One that was ready stays so in its record, whatever comes of this: it is only asked for an answer again.
    const asked = { kind: "starting", since: this.#dependencies.now(), phase: "responding" } as const;
    const mine = inState(record, record.state.kind === "starting" ? record.state : asked, grant.fence);
    try {
      return await this.#follower.follow(mine, hosting, grant, progress, { graceMs: await graceOf(record) });
    } catch (error) {
      throw await this.#failResumed(mine, hosting, error, grant);
    }
  }

  /** What becomes of a launch of this start that isn't ready. @returns the error to throw */
  async #fail(record: SessionRecord, hosting: Hosted, cause: unknown, grant: LockGrant): Promise<unknown> {
    // The lock's new owner decides about the server; this daemon must not touch it any more.
    if (isDecided(cause) || this.#leaving) return cause;
    if (hasCode(cause, "DEADLINE") && cause === grant.signal.reason)
      return this.#unready.left(record, hosting, cause);
    return this.#unready.fail(record, hosting, cause, grant);
  }

  /** The same for a launch that was there before this start: it stays when its callers leave. */
  async #failResumed(
    record: SessionRecord,
    hosting: Hosted,
    cause: unknown,
    grant: LockGrant,
  ): Promise<unknown> {
    if (isDecided(cause) || this.#leaving) return cause;
    if (!hasCode(cause, "EXITED_EARLY") && !isHostKilled(cause))
      return this.#unready.left(record, hosting, cause);
    return this.#unready.fail(record, hosting, cause, grant);
  }
}

/** A signal that doesn't abort at a caller's deadline: what is being launched then is launched. */
function untilCancelled(signal: AbortSignal): AbortSignal {
  const controller = new AbortController();
  const follow = () => hasCode(signal.reason, "DEADLINE") || controller.abort(signal.reason);
  if (signal.aborted) follow();
  else signal.addEventListener("abort", follow, { once: true });
  return controller.signal;
}

/** Whether the record says already what became of it, or another owner of the lock does. */
function isDecided(cause: unknown): boolean {
  return ["LOCK_LOST", "SERVER_CRASHED", "INPUT_NEEDED"].some((code) => hasCode(cause, code as ErrorCode));
}
