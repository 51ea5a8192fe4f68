import { once } from "node:events";
import { formatMs } from "../../../shared/base/deadline.ts";
import { every, Scope } from "../../../shared/base/disposable.ts";
import type { Connection } from "../../../shared/client/connection.ts";
import { LiveClient } from "../../../shared/client/live-client.ts";
import type { KeySummary, Timing } from "../../../shared/model/concurrency.ts";
import { agedBy, type LockView } from "../../../shared/model/lock.ts";
import type { Snapshot } from "../../../shared/model/snapshot.ts";
import type { Context } from "../context.ts";
import type { LiveText } from "../output/live-text.ts";
import { type Paint, printable } from "../output/style.ts";
import { table } from "../output/table.ts";
import { alertText } from "./alert-text.ts";

/**
 * Shows the locks and what is wrong with them until interrupted: a table that renews itself on a terminal, elsewhere
 * one JSON document a line for every change. Outlives the daemon: the next one is watched.
 * @throws DevlatchError why no daemon can be had at the beginning
 */
export async function watchLocks(context: Context): Promise<undefined> {
  const scope = new Scope();
  let first: Connection | undefined = await context.ensure();
  try {
    const open = async () => {
      const connection = first ?? (await context.reconnect());
      first = undefined;
      return connection;
    };
    const client = scope.add(new LiveClient({ open }));
    const live = context.output.live;
    if (live) showTable(client, live, context, scope);
    else printChanges(client, context, scope);
    if (!context.signal.aborted) await once(context.signal, "abort");
    if (context.interrupts.received !== "SIGINT") throw context.signal.reason;
    return undefined;
  } finally {
    scope.dispose();
  }
}

function showTable(client: LiveClient, live: LiveText, context: Context, scope: Scope): void {
  const show = () => {
    const { snapshot, link } = client;
    if (!snapshot) return;
    const text = watchText(snapshot, Date.now(), context.output.paint);
    const state = link.kind === "connected" ? "" : `\n${context.output.paint("yellow", "Not connected")}`;
    live.show(`${text}${state}`);
  };
  scope.add(client.onSnapshotChanged(show));
  scope.add(client.onLinkChanged(show));
  scope.add(every(1_000, show));
}

function printChanges(client: LiveClient, { output }: Context, scope: Scope): void {
  let last = "";
  scope.add(
    client.onSnapshotChanged((snapshot) => {
      const at = Date.now();
      const locks = agedTo(snapshot, at);
      const { alerts } = snapshot.concurrency;
      const now = JSON.stringify([locks.map(({ key, fence, waiters }) => [key, fence, waiters]), alerts]);
      if (now === last) return;
      last = now;
      void output.line(JSON.stringify({ at, locks, alerts }));
    }),
  );
}

/**
 * Locks held now, then those used lately, then what is wrong.
 * @param now milliseconds since the epoch
 */
export function watchText(snapshot: Snapshot, now: number, paint: Paint): string {
  const { concurrency } = snapshot;
  const locks = agedTo(snapshot, now);
  const summaries = new Map(concurrency.keys.map((summary) => [summary.key, summary]));
  const held = new Map(locks.map((lock) => [lock.key, lock]));
  const keys = [...new Set([...held.keys(), ...summaries.keys()])];
  const rows = keys.map((key) => rowOf(key, held.get(key), summaries.get(key)));
  const heads = ["LOCK", "HELD BY", "HELD", "WAITERS", "ATTEMPTS", "FAILED", "WAIT P50/P99", "HOLD P50/P99"];
  const window = paint("dim", `Attempts of the last ${formatMs(concurrency.windowMs)}. Ctrl-C ends.`);
  const body = rows.length === 0 ? "No locks are held" : table(heads, rows, paint);
  return [body, ...concurrency.alerts.map((alert) => alertText(alert, paint)), window].join("\n\n");
}

function agedTo({ locks, locksAt }: Snapshot, now: number): readonly LockView[] {
  return locks.map((lock) => agedBy(lock, now - locksAt));
}

function rowOf(key: string, lock: LockView | undefined, summary: KeySummary | undefined): string[] {
  return [
    printable(key),
    lock ? printable(lock.owner) : "",
    lock ? formatMs(lock.heldMs) : "",
    lock ? String(lock.waiters) : "",
    String(summary?.attempts ?? 0),
    String(summary?.failures ?? 0),
    timingText(summary?.wait),
    timingText(summary?.hold),
  ];
}

function timingText(timing: Timing | undefined): string {
  return timing && timing.count > 0 ? `${formatMs(timing.p50)} / ${formatMs(timing.p99)}` : "";
}
