import { createHmac, timingSafeEqual } from "node:crypto";
import * as z from "zod";
import { ProcessIdentity } from "../model/process.ts";
import type { Methods } from "../rpc/api.ts";

/**
 * Protocol versions this build speaks. A change that an older peer can't understand raises `max`;
 * `min` rises when support for the oldest ends.
 */
export const protocolRange = { min: 2, max: 2 } as const;

/** The first version whose proofs are bound to the connection. */
const boundSince = 2;

/** Whether an end that speaks these versions binds its proofs. One that doesn't is good for `daemon/stop` alone. */
export function bindsProofs({ max }: ProtocolRange): boolean {
  return max >= boundSince;
}

export const ProtocolRange = z.object({ min: z.int().positive(), max: z.int().positive() });
export type ProtocolRange = z.infer<typeof ProtocolRange>;

/** The highest version both sides speak, or undefined. */
export function commonVersion(a: ProtocolRange, b: ProtocolRange): number | undefined {
  const version = Math.min(a.max, b.max);
  return version >= Math.max(a.min, b.min) ? version : undefined;
}

export const ClientInfo = z.object({
  kind: z.enum(["window", "cli", "mcp", "test"]),
  name: z.string().max(200),
  pid: z.int(),
  /** False for a window whose workspace isn't trusted: it may look, not act. */
  trusted: z.boolean(),
  /** Whether it uses servers itself, for as long as it runs; else they are used by what runs it. */
  stays: z.boolean().optional(),
  /** The agent that runs a command line, by the marks in its environment; see `agentOf`. */
  agent: z.string().max(100).optional(),
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
  nonce: z.string().min(16).max(200),
});
export const HelloResult = z.object({
  protocol: ProtocolRange,
  build: z.string(),
  proof: z.string(),
  nonce: z.string(),
  /** The daemon's process; daemons before protocol 2 don't tell. */
  daemon: ProcessIdentity.optional(),
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

/** Who proves something. */
type Role = "daemon" | "client" | "host";

/** The connection a proof is good for: one that is relayed from another address, or by another process, is none. */
export interface Binding {
  /** Where the serving end listens, in the same words at both ends: each takes what it listens at or connected to. */
  readonly address: string;
  /** The serving end's process. */
  readonly server: ProcessIdentity;
}

/**
 * Proof of knowing the token: HMAC-SHA-256 over the role, the peer's nonce and the connection.
 * @param binding undefined for the proofs of protocol 1; as JSON, no such proof is one of these
 */
export function proofOf(token: string, role: Role, nonce: string, binding?: Binding): string {
  const text = binding ? boundText(role, nonce, binding) : `${role}\n${nonce}`;
  return createHmac("sha256", token).update(text).digest("hex");
}

function boundText(role: Role, nonce: string, { address, server }: Binding): string {
  return JSON.stringify([role, nonce, address, server.pid, server.startTime]);
}

/** Compares in constant time. */
export function isProof(given: string, token: string, role: Role, nonce: string, binding?: Binding): boolean {
  const expected = Buffer.from(proofOf(token, role, nonce, binding));
  const actual = Buffer.from(given);
  return expected.length === actual.length && timingSafeEqual(expected, actual);
}
