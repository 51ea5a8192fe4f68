import {
  type CallToolResult,
  type InputRequiredResult,
  inputRequired,
  inputResponse,
  ProtocolError,
  ProtocolErrorCode,
  type Server,
  type ServerContext,
} from "@modelcontextprotocol/server";
import type { ToolAnswer } from "../../shared/agents/answer.ts";
import type { Belongings, ToolSender } from "../../shared/agents/caller.ts";
import type { Tool } from "../../shared/agents/tool.ts";
import { tools } from "../../shared/agents/tools.ts";
import type { Agent } from "./agent.ts";
import { agentOf } from "./agent.ts";
import { Progress } from "./progress.ts";
import { Consent } from "./questions.ts";
import type { Roots } from "./roots.ts";

/** What calls of tools need. */
export interface CallParts {
  readonly sender: ToolSender;
  readonly roots: Roots;
  readonly belongings: Belongings;
  /** What servers and scripts inherit. */
  readonly env: Readonly<Record<string, string>>;
  /** Called before anything is asked of the daemon. */
  meet(agent: Agent): void;
}

/** The key of the client's answer where it works. */
const rootsKey = "roots";

/** Lists the tools and calls them. */
export function serveTools(server: Server, parts: CallParts): void {
  server.setRequestHandler("tools/list", () => ({ tools: tools.map(described) }));
  server.setRequestHandler("tools/call", async ({ params }, context) => {
    const tool = tools.find(({ name }) => name === params.name);
    if (!tool) throw new ProtocolError(ProtocolErrorCode.InvalidParams, `There is no tool ${params.name}.`);
    return call(tool, params.arguments, { server, context, parts });
  });
}

interface Call {
  readonly server: Server;
  readonly context: ServerContext;
  readonly parts: CallParts;
}

async function call(tool: Tool, input: unknown, of: Call): Promise<CallToolResult | InputRequiredResult> {
  const { server, context, parts } = of;
  const { mcpReq } = context;
  const agent = agentOf(server, context);
  parts.meet(agent);
  const told = inputResponse(mcpReq.inputResponses, rootsKey);
  const wasAsked = Object.hasOwn(mcpReq.inputResponses ?? {}, rootsKey);
  // A client that answers something else isn't asked again and again.
  if (wasAsked) parts.roots.told(told.kind === "roots" ? told.roots : []);
  const workspaces = await parts.roots.of(agent, server);
  if (!workspaces) return inputRequired({ inputRequests: { [rootsKey]: inputRequired.listRoots() } });
  const consent = new Consent(mcpReq.inputResponses);
  const progress = new Progress(mcpReq);
  try {
    const { sender, belongings, env } = parts;
    const answer = await tool.call(input, {
      ...{ name: agent.name, workspaces, env, sender, belongings, signal: mcpReq.signal },
      progress: progress.tell,
      ...(agent.asks ? { consent: consent.ask } : {}),
    });
    return consent.asked ?? resultOf(answer);
  } finally {
    progress.dispose();
  }
}

function resultOf({ text, data, isError }: ToolAnswer): CallToolResult {
  return {
    content: [{ type: "text", text }],
    // As JSON: what is undefined isn't there.
    structuredContent: JSON.parse(JSON.stringify(data)) as Record<string, unknown>,
    ...(isError ? { isError } : {}),
  };
}

/** A tool as clients are told of it. */
export function described({ name, title, description, schema, hints }: Tool) {
  const { readOnly, destructive, idempotent } = hints;
  // For what only looks the others mean nothing.
  const acts = readOnly ? {} : { destructiveHint: destructive, idempotentHint: idempotent };
  return {
    ...{ name, title, description },
    inputSchema: schema as { readonly type: "object" },
    annotations: { readOnlyHint: readOnly, ...acts, openWorldHint: false },
  };
}
