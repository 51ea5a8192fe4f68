import { Server } from "@modelcontextprotocol/server";
import { StdioServerTransport, serveStdio } from "@modelcontextprotocol/server/stdio";
import { Belongings } from "../../shared/agents/caller.ts";
import { Scope } from "../../shared/base/disposable.ts";
import { build, version } from "../../shared/base/version.ts";
import { connectToDaemon, ensureDaemon } from "../../shared/client/daemon.ts";
import { DaemonLink } from "../../shared/client/daemon-link.ts";
import type { Home } from "../../shared/client/home.ts";
import { type Agent, nameOf } from "./agent.ts";
import { type CallParts, serveTools } from "./calls.ts";
import { Following } from "./following.ts";
import { watchListens } from "./listens.ts";
import { follow, type ResourceParts, serveResources } from "./resources.ts";
import { Roots } from "./roots.ts";

/** Where agents are served from. */
export interface Place {
  /** Absolute directory that is worked in where the client names no other. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly home: Home;
  /** Absolute path of the daemon's script. */
  readonly daemonScript: string;
}

/** What a client may tell its model before any tool is called. */
const instructions =
  "Dev servers here are shared by all windows, terminals and agents. Start, wait for and stop them with these tools, not with npm run dev or kill.";

/**
 * Serves an agent over this process' standard input and output until the agent leaves.
 * @param signal ends it
 */
export async function serveAgent(place: Place, signal: AbortSignal): Promise<void> {
  const scope = new Scope();
  const parts = partsOf(place, scope);
  const transport = new StdioServerTransport();
  const served = serveStdio(() => serverOf(parts), { transport });
  const { following } = parts;
  watchListens(transport, {
    listening: (uris) => {
      for (const uri of uris) follow(uri, parts);
    },
    left: (uris) => {
      for (const uri of uris) following.leave(uri);
    },
  });
  await agentLeft(transport, signal);
  scope.dispose();
  await served.close();
}

/** What one agent needs for as long as it is there. */
function partsOf({ cwd, env, home, daemonScript }: Place, scope: Scope): CallParts & ResourceParts {
  let name = nameOf({ name: "" });
  // Who connects is known by the first request.
  const options = () => ({
    ...{ home, build, redisUrl: env["DEVLATCH_REDIS_URL"] || undefined },
    client: { kind: "mcp", name, pid: process.pid, trusted: true } as const,
  });
  const program = { script: daemonScript };
  const link = new DaemonLink({
    ensure: (signal) => ensureDaemon({ ...options(), program }, signal),
    connect: (signal) => connectToDaemon(options(), signal),
  });
  const meet = (agent: Pick<Agent, "name">) => {
    name = agent.name;
  };
  return {
    ...{ env, meet, link: scope.add(link), sender: link },
    following: scope.add(new Following()),
    roots: new Roots(cwd),
    belongings: new Belongings(),
  };
}

/** The kit makes one a connection, and another where a client tries which protocol is spoken. */
function serverOf(parts: CallParts & ResourceParts): Server {
  const server = new Server(
    { name: "devlatch", title: "Devlatch", version },
    { instructions, capabilities: { tools: {}, resources: { subscribe: true } } },
  );
  server.setNotificationHandler("notifications/roots/list_changed", () => parts.roots.forget());
  serveTools(server, parts);
  serveResources(server, parts);
  const told = parts.following.onWritten((uri) => {
    server.sendResourceUpdated({ uri }).catch(() => {});
  });
  server.onclose = () => told.dispose();
  return server;
}

/** Settles when the agent closes its end, or the signal aborts. */
function agentLeft(transport: StdioServerTransport, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const closed = transport.onclose;
    transport.onclose = () => {
      closed?.();
      resolve();
    };
    signal.addEventListener("abort", () => resolve(), { once: true });
    if (signal.aborted) resolve();
  });
}
