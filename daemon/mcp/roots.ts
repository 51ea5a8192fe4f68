import { fileURLToPath } from "node:url";
import type { Root, Server } from "@modelcontextprotocol/server";
import type { Workspaces } from "../../shared/agents/caller.ts";
import type { Agent } from "./agent.ts";

/** As many workspaces of one client are looked at. */
const mostRoots = 50;
/** How long a client may take to say where it works, in milliseconds. */
const answerMs = 5_000;
/** How long the answer of a client stands that can't say when it changes, in milliseconds. */
const validMs = 60_000;

/** Where an agent works: what its client says, else the directory it was started in. */
export class Roots {
  readonly #cwd: string;
  #known: { readonly roots: readonly string[]; readonly until: number } | undefined;

  /** @param cwd absolute directory of this process */
  constructor(cwd: string) {
    this.#cwd = cwd;
  }

  /** The client works elsewhere now. */
  forget(): void {
    this.#known = undefined;
  }

  /**
   * The workspaces as far as they are known.
   * @returns undefined where the client has to be asked first, by an answer of its request; see {@link told}
   */
  async of(agent: Agent, server: Server): Promise<Workspaces | undefined> {
    if (!agent.hasRoots) return this.#workspaces([]);
    if (this.#known && performance.now() < this.#known.until) return this.#workspaces(this.#known.roots);
    if (!agent.takesRequests) return undefined;
    // A client that gives no answer works where it started this.
    const found = await server.listRoots(undefined, { timeout: answerMs }).catch(() => undefined);
    if (found === undefined) return this.#workspaces([]);
    this.#known = { roots: pathsOf(found.roots), until: Number.POSITIVE_INFINITY };
    return this.#workspaces(this.#known.roots);
  }

  /** As {@link of} where no answer of the client can be waited for: only what is surely its own, then. */
  async known(agent: Agent, server: Server): Promise<Workspaces> {
    return (await this.of(agent, server)) ?? { roots: [this.#cwd], bounded: true };
  }

  /** As far as the client has told by now. */
  get now(): Workspaces {
    return this.#workspaces(this.#known?.roots ?? []);
  }

  /** What the client answered. */
  told(roots: readonly Root[]): void {
    this.#known = { roots: pathsOf(roots), until: performance.now() + validMs };
  }

  #workspaces(roots: readonly string[]): Workspaces {
    return roots.length === 0 ? { roots: [this.#cwd], bounded: false } : { roots, bounded: true };
  }
}

/** What is no directory of this machine is none to work in. */
function pathsOf(roots: readonly Root[]): readonly string[] {
  const paths = roots.slice(0, mostRoots).flatMap(({ uri }) => {
    try {
      return [fileURLToPath(uri)];
    } catch {
      return [];
    }
  });
  return [...new Set(paths)];
}
