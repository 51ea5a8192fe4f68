import {
  CLIENT_CAPABILITIES_META_KEY,
  CLIENT_INFO_META_KEY,
  type Server,
  type ServerContext,
} from "@modelcontextprotocol/server";
import * as z from "zod";
import { shortLine } from "../../shared/agents/answer.ts";
import { programWords } from "../../shared/model/who-words.ts";

/** As long as a name may be that others are shown, in characters. */
const longestName = 60;

/** What of a client matters here. */
const Info = z.object({ name: z.string().catch(""), title: z.string().optional().catch(undefined) });
const Capabilities = z.object({
  roots: z.looseObject({}).optional(),
  elicitation: z.object({ form: z.unknown(), url: z.unknown() }).partial().optional(),
});

/** The client at the other end, and what it can do. */
export interface Agent {
  /** As people know it: `Claude Code`. */
  readonly name: string;
  /** Whether it can put a question to a person. */
  readonly asks: boolean;
  /** Whether it tells which directories it works in. */
  readonly hasRoots: boolean;
  /** Whether requests go to it beside answers: protocols before 2026-07-28. */
  readonly takesRequests: boolean;
}

/** Who sent a request: newer protocols say so with each, older ones once at the beginning. */
export function agentOf(server: Server, { mcpReq }: ServerContext): Agent {
  const envelope: Readonly<Record<string, unknown>> | undefined = mcpReq.envelope;
  const info = envelope ? envelope[CLIENT_INFO_META_KEY] : server.getClientVersion();
  const told = envelope ? envelope[CLIENT_CAPABILITIES_META_KEY] : server.getClientCapabilities();
  const { roots, elicitation } = Capabilities.safeParse(told).data ?? {};
  return {
    name: nameOf(Info.safeParse(info).data ?? { name: "" }),
    // A client that says nothing more of its questions has forms; one that has addresses alone has none.
    asks: elicitation !== undefined && (elicitation.form !== undefined || elicitation.url === undefined),
    hasRoots: roots !== undefined,
    takesRequests: envelope === undefined,
  };
}

/** @param info what a client says of itself */
export function nameOf(info: z.output<typeof Info>): string {
  const name = shortLine(info.name, longestName).trim();
  const known = programWords(name);
  const words = known === name ? shortLine(info.title ?? name, longestName).trim() : known;
  return words === "" ? "an agent" : words;
}
