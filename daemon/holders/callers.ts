import { agentNamed } from "../../shared/model/agents.ts";
import type { Holder } from "../../shared/model/holder.ts";
import type { ClientInfo } from "../../shared/protocol/handshake.ts";
import type { Processes, ProcessOrigin } from "../processes/processes.ts";

/** Who asks for something: the holder it would be. */
export type Caller = Omit<Holder, "since">;

/**
 * Finds out on whose behalf a client asks. A window and an agent's tool server are their own processes and live as long
 * as what they stand for; a command line ends at once, so the terminal, program or agent that ran it stands behind it.
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

  async #find(client: ClientInfo): Promise<Caller | undefined> {
    const { kind, name, pid, stays } = client;
    if (kind === "window") {
      const process = await this.#processes.identify(pid);
      return process && { ...process, kind, label: `window of ${name}` };
    }
    const origin = await this.#processes.origin(pid, kind === "mcp" || client.agent !== undefined);
    if (kind === "cli" && !stays) return origin && describeOrigin(origin, client);
    const process = await this.#processes.identify(pid);
    if (!process) return undefined;
    if (kind === "cli") return { ...process, ...ofAgent(origin), ...describeItself(origin, client) };
    // An agent within an editor is no process of its own; another's tool server works for what runs it.
    const agent = stays ? {} : ofAgent(origin);
    const label = agentLabel(agentNamed(name) ?? name, agent.agent?.pid ?? pid);
    return { ...process, ...agent, kind: "agent", label };
  }
}

/** The agent's own process, which a process of it lives no longer than. */
function ofAgent(origin: ProcessOrigin | undefined): Pick<Caller, "agent"> {
  return origin?.agent ? { agent: origin.agent.process } : {};
}

function describeOrigin({ process, program, terminal, agent }: ProcessOrigin, client: ClientInfo): Caller {
  if (agent) {
    const label = agentLabel(agentName(agent, client), agent.process.pid);
    return { ...agent.process, kind: "agent", label };
  }
  return terminal === undefined
    ? { ...process, kind: "program", label: `${program} (process ${process.pid})` }
    : { ...process, kind: "terminal", label: `terminal ${terminal}, ${program}` };
}

/** A command line that goes on for as long as it uses a server: each of several in one terminal for itself. */
function describeItself(
  origin: ProcessOrigin | undefined,
  client: ClientInfo,
): Pick<Caller, "kind" | "label"> {
  const label = `${client.name} (process ${client.pid})`;
  if (origin?.agent) return { kind: "agent", label: `agent ${agentName(origin.agent, client)}, ${label}` };
  if (origin === undefined) return { kind: "program", label };
  return origin.terminal === undefined
    ? { kind: "program", label: `${origin.program}, ${label}` }
    : { kind: "terminal", label: `terminal ${origin.terminal}, ${label}` };
}

function agentName({ program }: { readonly program: string }, { agent }: ClientInfo): string {
  return agent ?? agentNamed(program) ?? program;
}

function agentLabel(name: string, pid: number): string {
  return `agent ${name} (process ${pid})`;
}
