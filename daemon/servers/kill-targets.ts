import { plainText } from "../../shared/base/plain-text.ts";
import type { ProcessIdentity } from "../../shared/model/process.ts";
import { isSameProcess } from "../../shared/model/process-words.ts";
import type { Aim, Target, Targets } from "../../shared/protocol/targets.ts";
import type { Caller } from "../holders/callers.ts";
import type { Holders } from "../holders/holders.ts";
import { climb } from "../processes/origin.ts";
import type { Processes, ProcessInfo } from "../processes/processes.ts";
import type { SessionService } from "../sessions/service.ts";
import type { SessionTree } from "../sessions/trees.ts";
import { type Candidate, hitBy } from "./aim-match.ts";

/** Longest command line that is told, in characters. */
const longestCommand = 200;

/** What finding targets needs of the rest. */
export interface KillTargetsDependencies {
  readonly sessions: Pick<SessionService, "trees" | "registry">;
  readonly holders: Pick<Holders, "others" | "isHeld">;
  readonly processes: Pick<Processes, "list" | "usage" | "listeners" | "describe">;
}

/** A session, and those of its processes that would be hit. */
interface Hit {
  readonly tree: SessionTree;
  readonly processes: readonly (Candidate & ProcessIdentity)[];
}

/** Who asks. */
interface Asker {
  readonly caller: Caller | undefined;
  /** Whether a process is the caller's own, or descends from that. */
  isBelow(pid: number): boolean;
}

/** Finds out what a command line would hit that ends processes. Nothing is signalled. */
export class KillTargets {
  readonly #parts: KillTargetsDependencies;

  constructor(parts: KillTargetsDependencies) {
    this.#parts = parts;
  }

  /**
   * The servers that would be hit, each with its users.
   * @param caller who asks; undefined where it can't be seen, and nothing is its own
   * @throws DevlatchError `STORE_UNAVAILABLE`
   */
  async of(aim: Aim, caller: Caller | undefined): Promise<Targets> {
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
    const asker = { caller, isBelow: (pid: number) => isBelow(pid, caller, known) };
    const targets = await Promise.all(
      hits.filter((hit) => hit.processes.length > 0).map((hit) => this.#target(hit, asker)),
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

  async #target({ tree, processes: [first] }: Hit, asker: Asker): Promise<Target | undefined> {
    const { sessions, holders, processes } = this.#parts;
    const record = sessions.registry.peek(tree.key);
    if (!record || !first) return undefined;
    const { session, app, sandboxId, root, settings, state, hosting, startedBy } = record;
    const place = { sandboxId, app };
    const byHand = hosting?.kind === "adopted";
    const others = await holders.others(place, asker.caller);
    const isItsOwn = (await holders.isHeld(place)) || (byHand && asker.isBelow(first.pid));
    const { command } = await processes.describe(first);
    return {
      ...{ session, app, root, cwd: settings.cwd, byHand },
      url: state.kind === "ready" ? state.url : null,
      command: plainText(command).slice(0, longestCommand),
      ...(startedBy ? { startedBy } : {}),
      holders: [...others],
      own: others.length === 0 && isItsOwn,
    };
  }
}

/** Whether a process is the caller's own, or descends from that. */
function isBelow(pid: number, caller: Caller | undefined, known: ReadonlyMap<number, ProcessInfo>): boolean {
  const lineage = climb(pid, (one) => known.get(one));
  return lineage.some(
    (one) => caller !== undefined && one.pid === caller.pid && isSameProcess(caller, known.get(one.pid)),
  );
}
