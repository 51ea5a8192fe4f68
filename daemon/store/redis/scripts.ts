import { createHash } from "node:crypto";
import { claimWindowMs } from "../store.ts";
import type { RedisClient } from "./client.ts";
import acquire from "./scripts/acquire-4.lua";
import adopt from "./scripts/adopt-3.lua";
import breakLock from "./scripts/break-3.lua";
import cancel from "./scripts/cancel-4.lua";
import remove from "./scripts/delete-3.lua";
import get from "./scripts/get-2.lua";
import lock from "./scripts/include/lock.lua";
import inspect from "./scripts/inspect-3.lua";
import list from "./scripts/list-2.lua";
import put from "./scripts/put-2.lua";
import release from "./scripts/release-3.lua";
import renew from "./scripts/renew-n.lua";

/** A Lua script and the number of keys it takes (also in its file's name); undefined: as many as are given. */
export interface Script {
  readonly text: string;
  /** Redis' name of the script. */
  readonly sha: string;
  readonly keyCount: number | undefined;
}

function script(text: string, keyCount?: number): Script {
  return { text, sha: createHash("sha1").update(text).digest("hex"), keyCount };
}

const shared = `local CLAIM_MS = ${claimWindowMs}\n${lock}`;

/** Every script. What each takes and answers is in the head of its file. */
export const scripts = {
  acquire: script(shared + acquire, 4),
  release: script(shared + release, 3),
  break: script(shared + breakLock, 3),
  cancel: script(shared + cancel, 4),
  renew: script(shared + renew),
  adopt: script(shared + adopt, 3),
  inspect: script(shared + inspect, 3),
  put: script(put, 2),
  delete: script(remove, 3),
  get: script(get, 2),
  list: script(list, 2),
} as const;

/** What a script answers: a code, then its values. */
export type Reply = readonly [code: string, ...values: (string | number)[]];

/**
 * Runs a script by its digest, or by its text where Redis doesn't know it (a restart, `SCRIPT FLUSH`, another node).
 * @throws what ioredis throws
 */
export async function runScript(
  redis: RedisClient,
  { text, sha, keyCount }: Script,
  keys: readonly string[],
  args: readonly (string | number)[],
): Promise<Reply> {
  if (keyCount !== undefined && keys.length !== keyCount) throw new RangeError(`Expected ${keyCount} keys`);
  try {
    return (await redis.evalsha(sha, keys.length, ...keys, ...args)) as Reply;
  } catch (error) {
    if (!(error instanceof Error && error.message.startsWith("NOSCRIPT"))) throw error;
    return (await redis.eval(text, keys.length, ...keys, ...args)) as Reply;
  }
}
