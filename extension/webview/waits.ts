import { t } from "@vscode/l10n";
import { since } from "../../shared/base/deadline.ts";
import { plainText } from "../../shared/base/plain-text.ts";
import type { Concurrency, KeySummary, LockEvent } from "../../shared/model/concurrency.ts";
import { lockWords } from "../state/lock-words.ts";
import type { WaitNode } from "./page-data.ts";

const longestOwner = 120;

/** Work that waits for a lock, as the daemon that tells it saw it. */
type Waiter = Extract<LockEvent, { kind: "queued" }>;

interface Known {
  /** Locks that are waited for. */
  readonly keys: ReadonlyMap<string, KeySummary>;
  readonly waiters: readonly Waiter[];
  /** Which work holds a lock, by the lock's key, where its grant was seen. */
  readonly holders: ReadonlyMap<string, string>;
  readonly now: number;
}

/**
 * What waits for what: the locks that hold others up, and below each the work that waits for it, and below that the locks
 * which that work holds meanwhile. Work of other daemons is only counted.
 * @param now milliseconds since the epoch
 */
export function waitsOf({ keys, events }: Concurrency, now: number): readonly WaitNode[] {
  const waited = new Map(keys.filter(({ waiters }) => waiters > 0).map((key) => [key.key, key]));
  const last = new Map(events.map((event) => [`${event.holder} ${event.attempt} ${event.key}`, event]));
  const open = [...last.values()];
  const known: Known = {
    keys: waited,
    waiters: open.filter((event) => event.kind === "queued"),
    holders: new Map(
      open.flatMap((event) =>
        event.kind === "granted" && waited.get(event.key)?.holder?.fence === event.fence
          ? [[event.key, event.holder] as const]
          : [],
      ),
    ),
    now,
  };
  const waiting = new Set(known.waiters.map(({ holder }) => holder));
  const isRoot = (key: string) => !waiting.has(known.holders.get(key) ?? "");
  const drawn = new Set<string>();
  const roots = [...waited.keys()].filter(isRoot).map((key) => lockNode(key, known, drawn));
  // In a circle each waits for another: it is drawn from any of them.
  const circles = [...waited.keys()].flatMap((key) => (drawn.has(key) ? [] : [lockNode(key, known, drawn)]));
  return [...roots, ...circles];
}

function lockNode(key: string, known: Known, drawn: Set<string>): WaitNode {
  const summary = known.keys.get(key);
  const name = plainText(lockWords(key));
  if (drawn.has(key)) return { kind: "lock", words: t("{0}, which is above: a circle", name), waiting: [] };
  drawn.add(key);
  const { holder, waiters = 0 } = summary ?? {};
  const words = holder
    ? t("{0} · held by {1} for {2}", name, ownerOf(holder), since(holder.since, known.now))
    : name;
  const seen = known.waiters.filter((waiter) => waiter.key === key);
  const others = waiters - seen.length;
  return {
    kind: "lock",
    words,
    waiting: [
      ...seen.map((waiter) => workNode(waiter, known, drawn)),
      ...(others > 0
        ? [{ kind: "work" as const, words: othersWords(others, seen.length), waiting: [] }]
        : []),
    ],
  };
}

function workNode(waiter: Waiter, known: Known, drawn: Set<string>): WaitNode {
  const held = [...known.holders].filter(([, holder]) => holder === waiter.holder);
  return {
    kind: "work",
    words: t("{0} · waits for {1}", ownerOf(waiter), since(waiter.at, known.now)),
    waiting: held.map(([key]) => lockNode(key, known, drawn)),
  };
}

function ownerOf({ owner }: { readonly owner: string }): string {
  return plainText(owner.slice(0, longestOwner));
}

function othersWords(count: number, seen: number): string {
  if (seen > 0) return count === 1 ? t("1 more waits") : t("{0} more wait", count);
  return count === 1 ? t("1 waits") : t("{0} wait", count);
}
