import {
  ProtocolError,
  ProtocolErrorCode,
  ResourceNotFoundError,
  type Server,
  type ServerContext,
} from "@modelcontextprotocol/server";
import type { Workspaces } from "../../shared/agents/caller.ts";
import { pageAnswer } from "../../shared/agents/output.ts";
import { isWithin } from "../../shared/base/within.ts";
import type { DaemonLink } from "../../shared/client/daemon-link.ts";
import type { SessionView } from "../../shared/model/session.ts";
import { agentOf } from "./agent.ts";
import type { CallParts } from "./calls.ts";
import type { Following } from "./following.ts";
import { outputTemplate, outputUri, parseOutputUri } from "./output-uri.ts";

/** Lines of output that are read at once. */
const pageLines = 200;
/** How long one question waits for more output, in milliseconds. */
const waitMs = 25_000;

/** What reading output needs. */
export type ResourceParts = Pick<CallParts, "roots" | "meet"> & {
  readonly link: DaemonLink;
  readonly following: Following;
};

/** The output of sessions as resources, with updates for who subscribes. To look at them starts no daemon. */
export function serveResources(server: Server, parts: ResourceParts): void {
  const { link, roots, following, meet } = parts;
  const within = (context: ServerContext) => {
    const agent = agentOf(server, context);
    meet(agent);
    return roots.known(agent, server);
  };
  server.setRequestHandler("resources/list", async (_request, context) => {
    const [workspaces, sessions] = await Promise.all([within(context), sessionsOf(link, context)]);
    return { resources: sessions.filter((one) => isIn(one, workspaces.roots)).map(described) };
  });
  server.setRequestHandler("resources/templates/list", () => ({
    resourceTemplates: [
      {
        uriTemplate: outputTemplate,
        name: "output",
        title: "Output of a dev server",
        mimeType: "text/plain",
      },
    ],
  }));
  server.setRequestHandler("resources/read", async ({ params: { uri } }, context) => {
    const [workspaces, sessions] = await Promise.all([within(context), sessionsOf(link, context)]);
    const found = sessionAt(uri, sessions, workspaces);
    const cursor = parseOutputUri(uri)?.cursor;
    const place = { cwd: found.root, app: found.app, limit: pageLines };
    const from = cursor === undefined ? place : { ...place, cursor };
    const page = await link.requestIfRunning("session/logs", from, context.mcpReq.signal);
    if (!page) throw new ResourceNotFoundError(uri);
    const { text } = pageAnswer(found.app, page, cursor === undefined ? "last" : "first");
    return { contents: [{ uri, mimeType: "text/plain", text }] };
  });
  server.setRequestHandler("resources/subscribe", async ({ params: { uri } }, context) => {
    const [workspaces, sessions] = await Promise.all([within(context), sessionsOf(link, context)]);
    sessionAt(uri, sessions, workspaces);
    if (!follow(uri, parts))
      throw new ProtocolError(ProtocolErrorCode.InvalidParams, "Too many subscriptions.");
    return {};
  });
  server.setRequestHandler("resources/unsubscribe", ({ params: { uri } }) => {
    following.leave(uri);
    return {};
  });
}

/**
 * Follows the session that an address names, as soon as there is one in the agent's workspaces.
 * @returns false where too many are followed already
 */
export function follow(uri: string, { link, following, roots }: Omit<ResourceParts, "meet">): boolean {
  return following.follow(uri, async (cursor, signal) => {
    const { sessions = [] } = (await link.requestIfRunning("daemon/status", {}, signal)) ?? {};
    const found = sessionAt(uri, sessions, roots.now);
    const wait = cursor === undefined ? { limit: 1 } : { cursor, limit: 5_000, waitMs };
    const request = { cwd: found.root, app: found.app, ...wait };
    return (await link.requestIfRunning("session/logs", request, signal))?.next;
  });
}

async function sessionsOf(link: DaemonLink, { mcpReq }: ServerContext): Promise<readonly SessionView[]> {
  return (await link.requestIfRunning("daemon/status", {}, mcpReq.signal))?.sessions ?? [];
}

/** A workspace may be one package of a project, and a project one of several in a workspace. */
function isIn({ root, cwd }: SessionView, roots: readonly string[]): boolean {
  return roots.some((one) => isWithin(root, one) || isWithin(cwd, one) || isWithin(one, root));
}

function sessionAt(uri: string, sessions: readonly SessionView[], workspaces: Workspaces): SessionView {
  const place = parseOutputUri(uri);
  const found = sessions.find((one) => one.sandboxId === place?.sandboxId && one.app === place.app);
  if (!found || (workspaces.bounded && !isIn(found, workspaces.roots))) throw new ResourceNotFoundError(uri);
  return found;
}

function described(session: SessionView) {
  const { app, root } = session;
  return {
    uri: outputUri(session),
    name: app,
    title: `Output of ${app}`,
    description: `What the dev server of ${app} in ${root} wrote`,
    mimeType: "text/plain",
  };
}
