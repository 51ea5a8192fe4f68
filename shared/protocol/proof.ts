import { createHmac, timingSafeEqual } from "node:crypto";
import type { ProcessIdentity } from "../model/process-identity.ts";

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
