import type { Holder } from "../../shared/model/holder.ts";
import { isSameProcess } from "../../shared/model/process.ts";
import type { ClientInfo } from "../../shared/protocol/handshake.ts";
import type { Processes, ProcessOrigin } from "../processes/processes.ts";

/** Who asks for something: the holder it would be. */
export type Caller = Omit<Holder, "since">;

/**
 * Finds out on whose behalf a client asks. A window and an agent's tool server are their own processes and live as long
 * as what they stand for; a command line ends at once, so the terminal or program that ran it stands behind it.
 */
export class Callers {
  readonly #processes: Pick<Processes, "identify" | "origin">;
  /** Clients by connection: what it stands for never changes. */
  readonly #known = new WeakMap<ClientInfo, Promise<Caller | undefined>>();

  constructor(processes: Pick<Processes, "identify" | "origin">) {
    this.#processes = processes;
  }

  /** @returns undefined for a client whose process can't be seen: it holds nothing */
  of(client: ClientInfo): Promise<Caller | undefined> {
    const known = this.#known.get(client) ?? this.#find(client);
    this.#known.set(client, known);
    return known;
  }

  async #find({ kind, name, pid, stays, agentPid }: ClientInfo): Promise<Caller | undefined> {
    if (kind === "cli" && stays) return this.#itself(name, pid);
    if (kind === "cli") {
      const origin = await this.#processes.origin(pid);
      return origin && { ...origin.process, ...describeOrigin(origin) };
    }
    const process = await this.#processes.identify(pid);
    if (!process) return undefined;
    if (kind === "window") return { ...process, kind, label: `window of ${name}` };
    const agent = agentPid === undefined ? undefined : await this.#processes.identify(agentPid);
    return { ...process, kind: "agent", label: `agent ${name}`, ...(agent ? { agent } : {}) };
  }

  /** A command line that goes on for as long as it uses a server: each of several in one terminal for itself. */
  async #itself(name: string, pid: number): Promise<Caller | undefined> {
    const [process, origin] = await Promise.all([this.#processes.identify(pid), this.#processes.origin(pid)]);
    if (!process) return undefined;
    const label = `${name} (process ${pid})`;
    if (origin === undefined) return { ...process, kind: "program", label };
    return origin.terminal === undefined
      ? { ...process, kind: "program", label: `${origin.program}, ${label}` }
      : { ...process, kind: "terminal", label: `terminal ${origin.terminal}, ${label}` };
  }
}

/**
 * Whether two stand for one caller: also an agent's tool server, and that very agent where it runs commands itself. Two tool
 * servers of one program may be two agents; a terminal or a window is a person's, whatever runs below it.
 */
export function isSameCaller(one: Caller, other: Caller | undefined): boolean {
  if (other === undefined) return false;
  return isSameProcess(one, other) || worksFor(one, other) || worksFor(other, one);
}

function worksFor({ agent }: Caller, program: Caller): boolean {
  return program.kind === "program" && isSameProcess(program, agent);
}

function describeOrigin({ process, program, terminal }: ProcessOrigin): Pick<Caller, "kind" | "label"> {
  return terminal === undefined
    ? { kind: "program", label: `${program} (process ${process.pid})` }
    : { kind: "terminal", label: `terminal ${terminal}, ${program}` };
}
