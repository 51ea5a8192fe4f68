// Every command line loads this: see `rpc/api.ts` of the two kinds of zod.
import * as z from "zod/mini";
import { ProcessIdentity } from "../model/process-identity.ts";
import type { Methods } from "../rpc/api.ts";
import { ProtocolRange } from "./versions.ts";

export const ClientInfo = z.object({
  kind: z.enum(["window", "cli", "mcp", "test"]),
  name: z.string().check(z.maxLength(200)),
  pid: z.int(),
  /** False for a window whose workspace isn't trusted: it may look, not act. */
  trusted: z.boolean(),
  /** Whether it uses servers itself, for as long as it runs; else they are used by what runs it. */
  stays: z.optional(z.boolean()),
  /** The agent that runs a command line, by the marks in its environment; see `agentOf`. */
  agent: z.optional(z.string().check(z.maxLength(100))),
});
export type ClientInfo = z.infer<typeof ClientInfo>;

/**
 * First message of a connection. Each side proves that it knows the token without sending it, so a stranger
 * that took over the daemon's address learns nothing and is noticed; so is one that relays between the two.
 */
export const HelloParams = z.object({
  protocol: ProtocolRange,
  build: z.string(),
  client: ClientInfo,
  nonce: z.string().check(z.minLength(16), z.maxLength(200)),
});
export const HelloResult = z.object({
  protocol: ProtocolRange,
  build: z.string(),
  proof: z.string(),
  nonce: z.string(),
  /** The daemon's process; daemons before protocol 2 don't tell. */
  daemon: z.optional(ProcessIdentity),
});
export const AuthenticateParams = z.object({ proof: z.string() });
export const AuthenticateResult = z.object({
  /** The version both sides now speak. */
  version: z.int(),
  epoch: z.string(),
});

/** How long either side may take to answer one message of the handshake, in milliseconds. */
const deadlineMs = 20_000;

/** What a connection begins with, in this order; nothing else is answered before. */
export const handshake = {
  hello: { params: HelloParams, result: HelloResult, deadlineMs },
  authenticate: { params: AuthenticateParams, result: AuthenticateResult, deadlineMs },
} as const satisfies Methods;

export type HelloParams = z.infer<typeof HelloParams>;
export type HelloResult = z.infer<typeof HelloResult>;
export type AuthenticateResult = z.infer<typeof AuthenticateResult>;
