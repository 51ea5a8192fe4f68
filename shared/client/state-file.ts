import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
// Session hosts load this: see `rpc/api.ts` of the two kinds of zod.
import * as z from "zod/mini";
import { requireBelieved } from "../base/believed-path.ts";
import { ProtocolRange } from "../protocol/versions.ts";
import type { Home } from "./home.ts";

/** What a daemon writes about itself once it listens. A hint for clients: the lock file alone decides who serves. */
export const DaemonState = z.object({
  pid: z.int().check(z.positive()),
  /** Told apart from a later process with the same pid by this. */
  startTime: z.string(),
  epoch: z.string(),
  version: z.string(),
  build: z.string(),
  protocol: ProtocolRange,
  /** Loopback TCP port on Windows; elsewhere the socket's path. */
  address: z.union([
    z.object({ socketPath: z.string() }),
    z.object({ port: z.int().check(z.minimum(1), z.maximum(65535)) }),
  ]),
  startedAt: z.number(),
  /** Which store it uses: see {@link storeMark}. */
  store: z.optional(z.string()),
  /** The network it is in: see `ownNetwork`. */
  network: z.optional(z.string()),
  /** Absolute path of its script, which an upgrade may take away while it runs. */
  script: z.optional(z.string()),
});
export type DaemonState = z.infer<typeof DaemonState>;
export type DaemonAddress = DaemonState["address"];

/** What proofs call an address; see `Binding`. */
export function addressName(address: DaemonAddress): string {
  return "socketPath" in address ? `unix:${address.socketPath}` : `tcp:127.0.0.1:${address.port}`;
}

/**
 * Tells stores apart: `sqlite`, or `redis:` and a digest of the URL.
 * @param token of the home; it keys the digest, so that a reader of the mark alone can't try passwords on it
 */
export function storeMark(redisUrl: string | undefined, token: string): string {
  if (redisUrl === undefined) return "sqlite";
  return `redis:${createHmac("sha256", token).update(`store ${redisUrl}`).digest("hex").slice(0, 32)}`;
}

/** The state file's content; undefined if it is missing, not believed, half written, garbage or of another format. */
export function readDaemonState(home: Home): DaemonState | undefined {
  try {
    return DaemonState.safeParse(JSON.parse(readBelieved(home.stateFile))).data;
  } catch {
    return undefined;
  }
}

/** The token both sides prove to know; undefined while no daemon has made one that is believed. */
export function readToken(home: Home): string | undefined {
  try {
    const token = readBelieved(home.tokenFile).trim();
    return /^[0-9a-f]{32,}$/.test(token) ? token : undefined;
  } catch {
    return undefined;
  }
}

function readBelieved(file: string): string {
  requireBelieved(file, "file");
  return readFileSync(file, "utf8");
}
