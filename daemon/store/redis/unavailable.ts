import { DevlatchError } from "../../../shared/base/errors.ts";

/** What ioredis and Redis say, and what a person does about it. First match counts. */
const remedies: readonly (readonly [RegExp, string])[] = [
  [
    /WRONGPASS|NOAUTH|invalid password|invalid username/i,
    "Correct user and password in DEVLATCH_REDIS_URL (redis://user:password@host).",
  ],
  [/NOPERM/, "Give the Redis user the rights that docs/redis.md lists (commands, keys and channels)."],
  [/READONLY/, "This Redis is a replica: point DEVLATCH_REDIS_URL at the primary."],
  [/\bLOADING\b|\bBUSY\b/, "Redis is busy. Wait a moment and try again."],
  [/\bOOM\b|MISCONF/, "Redis refuses writes: look at its memory limit, its disk and its log."],
  [
    /certificate|SSL|TLS|EPROTO|self.signed/i,
    "Check the TLS settings: rediss:// needs a certificate Node trusts (NODE_EXTRA_CA_CERTS).",
  ],
  [/ENOTFOUND|EAI_AGAIN/, "Check the host name in DEVLATCH_REDIS_URL."],
];
const general =
  "Start Redis or correct DEVLATCH_REDIS_URL; without it Devlatch uses its embedded store. Servers run on meanwhile.";

/**
 * `STORE_UNAVAILABLE` for whatever went wrong. Takes the words only: an error of ioredis carries the command's
 * arguments, passwords included.
 * @param name the URL without password
 */
export function unavailable(name: string, reason: unknown): DevlatchError {
  const words = reason instanceof Error ? reason.message || reason.name : String(reason);
  const remedy = remedies.find(([pattern]) => pattern.test(words))?.[1] ?? general;
  const sentence = /[.!?]$/.test(words) ? words : `${words}.`;
  return new DevlatchError("STORE_UNAVAILABLE", `Redis at ${name} can't be used: ${sentence}`, remedy);
}

/** Whether Redis refused the credentials: waiting longer won't help. */
export function isRefusedLogin(error: unknown): boolean {
  return error instanceof Error && /^(WRONGPASS|NOAUTH|ERR invalid password)/.test(error.message);
}

/** Whether Redis itself answered with an error, so that sending again on a new connection changes nothing. */
export function isReplyError(error: unknown): boolean {
  return error instanceof Error && error.name === "ReplyError";
}

/** Whether the one that answered is a replica, perhaps since a failover: another one is the primary then. */
export function isDemoted(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith("READONLY");
}
