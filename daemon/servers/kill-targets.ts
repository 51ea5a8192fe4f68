import { plainText } from "../../shared/base/plain-text.ts";
import { isSameProcess, type ProcessIdentity } from "../../shared/model/process.ts";
import type { Aim, Target, Targets } from "../../shared/protocol/targets.ts";
import type { Holders } from "../holders/holders.ts";
import { climb, originOf } from "../processes/origin.ts";
import type { Processes, ProcessInfo } from "../processes/processes.ts";
import type { SessionService } from "../sessions/service.ts";
import type { SessionTree } from "../sessions/trees.ts";
import { type Candidate, hitBy } from "./aim-match.ts";

/** Longest command line that is told, in characters. */
const longestCommand = 200;

/** What finding targets needs of the rest. */
export interface KillTargetsDependencies {
  readonly sessions: Pick<SessionService, "trees" | "registry">;
  readonly holders: Pick<Holders, "split">;
  readonly processes: Pick<Processes, "list" | "usage" | "listeners" | "describe">;
}

/** A session, and those of its processes that would be hit. */
interface Hit {
  readonly tree: SessionTree;
  readonly processes: readonly (Candidate & ProcessIdentity)[];
}

/** Finds out what a command line would hit that ends processes. Nothing is signalled. */
export class KillTargets {
  readonly #parts: KillTargetsDependencies;

  constructor(parts: KillTargetsDependencies) {
    this.#parts = parts;
  }

  /**
   * The servers that would be hit, each with its users.
   * @param asker pid of the process that asks, on behalf of what it descends from
   * @throws DevlatchError `STORE_UNAVAILABLE`
   */
  async of(aim: Aim, asker: number): Promise<Targets> {
    const { sessions, processes } = this.#parts;
    const trees = sessions.trees();
    const [all, members, listening] = await Promise.all([
      processes.list(),
      processes.usage(trees.map(({ root }) => root)),
      this.#listening(aim.ports),
    ]);
    const known = new Map(all.map((one) => [one.pid, one]));
    const isHit = await hitBy(aim, listening);
    const candidates = async (identities: readonly ProcessIdentity[]) => {
      const found = identities.flatMap((one) => known.get(one.pid) ?? []);
      const described = await Promise.all(found.map((one) => this.#candidate(one, aim)));
      return described.filter(isHit);
    };
    const hits = await Promise.all(
      trees.map(async (tree, index): Promise<Hit> => {
        const { host } = tree.root;
        return { tree, processes: await candidates([...(members[index] ?? []), ...(host ? [host] : [])]) };
      }),
    );
    const isBelow = await this.#below(asker, known);
    const targets = await Promise.all(
      hits.filter((hit) => hit.processes.length > 0).map((hit) => this.#target(hit, isBelow)),
    );
    const own = known.get(process.pid);
    return {
      targets: targets.filter((one) => one !== undefined),
      daemon: own !== undefined && (await candidates([own])).length > 0,
    };
  }

  async #listening(ports: readonly number[]): Promise<ReadonlySet<number>> {
    const [port, ...others] = ports;
    if (port === undefined) return new Set();
    const { processes } = this.#parts;
    const found = await (others.length === 0 ? processes.listeners(port) : processes.listeners());
    return new Set(found.filter((one) => ports.includes(one.port)).map(({ pid }) => pid));
  }

  async #candidate(one: ProcessInfo, aim: Aim): Promise<Candidate & ProcessIdentity> {
    const { pid, pgid, name, startTime } = one;
    const { command } = aim.names.length > 0 ? await this.#parts.processes.describe(one) : { command: name };
    return { pid, pgid, name, startTime, command };
  }

  async #target(
    { tree, processes: [first] }: Hit,
    isBelow: (process: ProcessIdentity) => boolean,
  ): Promise<Target | undefined> {
    const { sessions, holders, processes } = this.#parts;
    const record = sessions.registry.peek(tree.key);
    if (!record || !first) return undefined;
    const { session, app, sandboxId, root, settings, state, hosting, startedBy } = record;
    const byHand = hosting?.kind === "adopted";
    // A window is a person's, whatever runs in it; so is a terminal.
    const isOwn = (one: ProcessIdentity & { kind: string }) =>
      one.kind !== "window" && one.kind !== "terminal" && isBelow(one);
    const { others, isHeld } = await holders.split({ sandboxId, app }, isOwn);
    const { command } = await processes.describe(first);
    return {
      ...{ session, app, root, cwd: settings.cwd, byHand },
      url: state.kind === "ready" ? state.url : null,
      command: plainText(command).slice(0, longestCommand),
      ...(startedBy ? { startedBy } : {}),
      holders: [...others],
      own: others.length === 0 && (isHeld || (byHand && isBelow(first))),
    };
  }

  /** Whether a process is the program on whose behalf another asks, or descends from it. */
  async #below(
    asker: number,
    known: ReadonlyMap<number, ProcessInfo>,
  ): Promise<(process: ProcessIdentity) => boolean> {
    const lineage = climb(asker, (pid) => known.get(pid));
    const described = await Promise.all(
      lineage.map(async ({ pid, ppid, name }) => {
        const one = known.get(pid);
        const { command } = one ? await this.#parts.processes.describe(one) : {};
        return { pid, ppid, name, ...(command === undefined ? {} : { command }) };
      }),
    );
    // Without terminals: who works at one isn't whom an agent's hook asks for.
    const agent = originOf(described);
    if (!agent || agent.pid === asker) return () => false;
    return (one) =>
      isSameProcess(one, known.get(one.pid)) &&
      climb(one.pid, (pid) => known.get(pid)).some(({ pid }) => pid === agent.pid);
  }
}
