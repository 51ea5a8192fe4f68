import { Server } from "@modelcontextprotocol/server";
import { StdioServerTransport, serveStdio } from "@modelcontextprotocol/server/stdio";
import { Belongings } from "../../shared/agents/caller.ts";
import { Scope } from "../../shared/base/disposable.ts";
import { build, version } from "../../shared/base/version.ts";
import type { Home } from "../../shared/client/home.ts";
import { serveTools } from "./calls.ts";
import { DaemonLink } from "./daemon-link.ts";
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
  let name = "an agent";
  const client = () => ({ kind: "mcp", name, pid: process.pid, trusted: true }) as const;
  const { home, daemonScript, env } = place;
  const link = scope.add(
    new DaemonLink(() => ({
      ...{ home, build, client: client(), program: { script: daemonScript } },
      redisUrl: env["DEVLATCH_REDIS_URL"] || undefined,
    })),
  );
  const roots = new Roots(place.cwd);
  const belongings = new Belongings();
  const meet = (agent: { readonly name: string }) => {
    name = agent.name;
  };
  const transport = new StdioServerTransport();
  const left = Promise.withResolvers<void>();
  const served = serveStdio(
    () => {
      const server = new Server(
        { name: "devlatch", title: "Devlatch", version },
        { instructions, capabilities: { tools: {} } },
      );
      server.setNotificationHandler("notifications/roots/list_changed", () => roots.forget());
      serveTools(server, { sender: link, roots, belongings, env, meet });
      return server;
    },
    { transport },
  );
  const closed = transport.onclose;
  transport.onclose = () => {
    closed?.();
    left.resolve();
  };
  signal.addEventListener("abort", () => left.resolve(), { once: true });
  if (signal.aborted) left.resolve();
  await left.promise;
  scope.dispose();
  await served.close();
}
