import { DevlatchError } from "../../../shared/base/errors.ts";

/** What a person does, and where the words of ioredis or Redis don't say it plainly, what it means. */
type Explanation = readonly [pattern: RegExp, remedy: string, meaning?: string];

/** What ioredis and Redis say. First match counts. */
const explanations: readonly Explanation[] = [
  [
    /WRONGPASS|NOAUTH|invalid password|invalid username/i,
    "Correct user and password in DEVLATCH_REDIS_URL (redis://user:password@host).",
  ],
  [/NOPERM/, "Give the Redis user the rights that docs/redis.md lists (commands, keys and channels)."],
  [/READONLY/, "This Redis is a replica: point DEVLATCH_REDIS_URL at the primary.", "it is read-only"],
  [/\bLOADING\b|\bBUSY\b/, "Redis is busy. Wait a moment and try again."],
  [
    /\bOOM\b/,
    "Redis refuses writes: raise its memory limit (maxmemory), or free some of it.",
    "it is out of memory",
  ],
  [
    /MISCONF/,
    "Redis refuses writes: look at its memory limit, its disk and its log.",
    "it can't save to its disk",
  ],
  [
    /NOREPLICAS/,
    "Start its replicas, or lower min-replicas-to-write.",
    "it takes no writes without enough replicas",
  ],
  [/Socket timeout|ETIMEDOUT|timed out/i, "", "it doesn't answer: it is paused, hangs or can't be reached"],
  [/ECONNREFUSED/, "", "it isn't running"],
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
  const [, remedy = "", meaning] = explanations.find(([pattern]) => pattern.test(words)) ?? [];
  const said = meaning === undefined ? words : `${meaning} (${words})`;
  const sentence = /[.!?]$/.test(said) ? said : `${said}.`;
  const message = `Redis at ${name} can't be used: ${sentence}`;
  return new DevlatchError("STORE_UNAVAILABLE", message, remedy || general);
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
