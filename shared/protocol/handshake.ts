import { createHmac, timingSafeEqual } from "node:crypto";
import * as z from "zod";
import type { Methods } from "../rpc/api.ts";

/**
 * Protocol versions this build speaks. A change that an older peer can't understand raises `max`;
 * `min` rises when support for the oldest ends.
 */
export const protocolRange = { min: 1, max: 1 } as const;

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
});
export type ClientInfo = z.infer<typeof ClientInfo>;

/**
 * First message of a connection. Each side proves that it knows the token without sending it, so a stranger
 * that took over the daemon's address learns nothing and is noticed.
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

/** Proof of knowing the token: HMAC-SHA-256 over the role and the peer's nonce. */
export function proofOf(token: string, role: "daemon" | "client", nonce: string): string {
  return createHmac("sha256", token).update(`${role}\n${nonce}`).digest("hex");
}

/** Compares in constant time. */
export function isProof(given: string, token: string, role: "daemon" | "client", nonce: string): boolean {
  const expected = Buffer.from(proofOf(token, role, nonce));
  const actual = Buffer.from(given);
  return expected.length === actual.length && timingSafeEqual(expected, actual);
}
