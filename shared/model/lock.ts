import { t } from "@vscode/l10n";
import * as z from "zod";
import { formatMs } from "../base/deadline.ts";

/** A lock as people see it. Tokens never leave the daemon. */
export const LockView = z.object({
  key: z.string(),
  /** Who holds it, in words: machine, daemon pid and purpose. */
  owner: z.string(),
  /** Grows with every grant of this key, also across a store restart. */
  fence: z.number(),
  heldMs: z.number(),
  /** Time until it expires unless renewed, in milliseconds. */
  ttlMs: z.number(),
  waiters: z.int(),
  /** How long ago its holder was last heard of: granted or renewed, in milliseconds. */
  silentMs: z.number(),
});
export type LockView = z.infer<typeof LockView>;

/** A lock as it was `ms` milliseconds ago, as far as it was heard of since: its ages counted up to now. */
export function agedBy(lock: LockView, ms: number): LockView {
  const { heldMs, ttlMs, silentMs } = lock;
  return { ...lock, heldMs: heldMs + ms, ttlMs: Math.max(0, ttlMs - ms), silentMs: silentMs + ms };
}

/** A holder renews every 3.3 s at least; one silent for longer than this is dead, frozen or cut off. Milliseconds. */
export const staleAfterMs = 10_000;

/** Whether a lock's holder lives, as far as its renewals tell, in words for a user who is about to break the lock. */
export function ownerEvidence({ silentMs, ttlMs }: LockView): string {
  const ago = formatMs(silentMs);
  return silentMs <= staleAfterMs
    ? t("Its owner renewed it {0} ago, so it lives. What it does under the lock will be given up.", ago)
    : t(
        "Its owner has not renewed it for {0}: it is dead, frozen or cut off. It expires by itself in {1}.",
        ago,
        formatMs(ttlMs),
      );
}
