import type { ProcessIdentity } from "../../shared/model/process.ts";
import { isSameProcess } from "../../shared/model/process-words.ts";
import type { SessionRecord } from "../../shared/model/session.ts";
import { isActive } from "../../shared/model/session-state.ts";
import type { Hosts } from "../hosts/hosts.ts";
import type { LockGrant } from "../locks/lock-service.ts";
import { type Adoptable, findAdoptable } from "./adoption.ts";
import type { SessionDependencies } from "./dependencies.ts";
import { inState, intent, readyState } from "./records.ts";
import type { SessionRegistry } from "./registry.ts";
import type { Target } from "./target.ts";
import { liveTrees } from "./trees.ts";

/** Makes sessions of servers that were started by hand. */
export class Adopter {
  readonly #dependencies: SessionDependencies;
  readonly #registry: SessionRegistry;
  readonly #hosts: Hosts;

  constructor(dependencies: SessionDependencies, registry: SessionRegistry, hosts: Hosts) {
    this.#dependencies = dependencies;
    this.#registry = registry;
    this.#hosts = hosts;
  }

  /** @param consent processes that may be ended instead @throws as {@link findAdoptable} */
  find(
    target: Target,
    consent: readonly ProcessIdentity[],
    signal: AbortSignal,
  ): Promise<Adoptable | undefined> {
    const trees = liveTrees(this.#registry.all(), this.#hosts, this.#dependencies.machineId);
    return findAdoptable(target, this.#dependencies, trees, consent, signal);
  }

  /** Writes down the server that was found, under the start lock. @returns undefined where there is none */
  async adopt(
    target: Target,
    consent: readonly ProcessIdentity[],
    grant: LockGrant,
  ): Promise<SessionRecord | undefined> {
    const { machineId, now } = this.#dependencies;
    const found = await this.find(target, consent, grant.signal);
    if (!found || this.#isAdopted(found.listener)) return undefined;
    const { pid, startTime, port } = found.listener;
    const record = intent(target, { kind: "adopted", machineId, pid, startTime }, grant.fence, now());
    const adopted = inState(record, readyState({ pid, startTime, port, url: found.url }, now()));
    await this.#registry.write(adopted);
    return adopted;
  }

  /** Two apps of one directory may both look for it at once: the first one has it. */
  #isAdopted(listener: ProcessIdentity): boolean {
    return this.#registry
      .all()
      .some(
        ({ state, hosting }) =>
          isActive(state) && hosting?.kind === "adopted" && isSameProcess(hosting, listener),
      );
  }
}
