import type { LockAlert } from "../../shared/model/concurrency.ts";
import type { LockView } from "../../shared/model/lock.ts";
import { alertItem, lockItem } from "../contributions/views.ts";
import { lockWords } from "../state/lock-words.ts";
import { editorRemedy } from "../state/state-line.ts";
import type { WindowState } from "../state/window-state.ts";
import { code, escapeMarkdown, type LocalTime } from "../state/words.ts";
import type { ViewNode } from "./view-node.ts";

const alertLabels: Readonly<Record<LockAlert["kind"], string>> = {
  deadlock: "Deadlock",
  potential_deadlock: "Held unusually long",
  high_contention: "High contention",
};

const alertIcons: Readonly<Record<LockAlert["severity"], { name: string; color: string }>> = {
  warning: { name: "warning", color: "list.warningForeground" },
  critical: { name: "error", color: "testing.iconFailed" },
};

/** Rows of the Locks view: what is wrong, then who holds what, since when, and how many wait. */
export function lockNodes(state: WindowState, clock: LocalTime): readonly ViewNode[] {
  if (state.link.kind === "disconnected") return [];
  return [
    ...state.lockAlerts.map((alert) => alertNode(alert, state, clock)),
    ...state.locks.map((lock) => lockNode(lock, state.locksAt, clock)),
  ];
}

function alertNode(
  { id, kind, severity, keys, since, message, remedy }: LockAlert,
  { board }: WindowState,
  clock: LocalTime,
): ViewNode {
  const told = board.alerts.find(({ lockAlert }) => lockAlert === id);
  return {
    id: `alert:${id}`,
    ...(told ? { contextValue: alertItem, alert: told.id } : {}),
    label: alertLabels[kind],
    description: keys.map(lockWords).join(" → "),
    tooltip: [
      `**${alertLabels[kind]}** since ${clock.timeOfDay(since)}`,
      escapeMarkdown(message),
      escapeMarkdown(editorRemedy(remedy)),
    ].join("\n\n"),
    accessibleName: `${alertLabels[kind]}, ${severity}: ${keys.map(lockWords).join(", then ")}. ${message}`,
    icon: alertIcons[severity],
  };
}

function lockNode(lock: LockView, locksAt: number, clock: LocalTime): ViewNode {
  const since = clock.timeOfDay(locksAt - lock.heldMs);
  const waiting = lock.waiters === 0 ? "" : ` · ${lock.waiters} waiting`;
  return {
    id: `lock:${lock.key}`,
    label: lockWords(lock.key),
    description: `since ${since}${waiting}`,
    tooltip: [
      `**Lock** ${code(lock.key)}`,
      `Held by ${escapeMarkdown(lock.owner)}  \nsince ${since}  \nFencing token ${lock.fence}  \nWaiting: ${lock.waiters}`,
    ].join("\n\n"),
    accessibleName: `${lockWords(lock.key)}, held by ${lock.owner} since ${since}, ${lock.waiters} waiting`,
    contextValue: lockItem,
    lock: lock.key,
    icon: { name: "lock", ...(lock.waiters > 0 ? { color: "charts.yellow" } : {}) },
  };
}
