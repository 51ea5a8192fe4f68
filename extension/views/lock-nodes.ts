import { t } from "@vscode/l10n";
import type { LockAlert } from "../../shared/model/concurrency.ts";
import { statusWords } from "../../shared/model/health-words.ts";
import type { LockView } from "../../shared/model/lock.ts";
import { alertItem, lockItem } from "../contributions/views.ts";
import { lockWords } from "../state/lock-words.ts";
import { editorRemedy } from "../state/state-line.ts";
import type { WindowState } from "../state/window-state.ts";
import { code, escapeMarkdown, type LocalTime } from "../state/words.ts";
import type { ViewNode } from "./view-node.ts";

function labelOf(kind: LockAlert["kind"]): string {
  const labels: Readonly<Record<LockAlert["kind"], string>> = {
    deadlock: t("Deadlock"),
    potential_deadlock: t("Held unusually long"),
    high_contention: t("High contention"),
  };
  return labels[kind];
}

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
    label: labelOf(kind),
    description: keys.map(lockWords).join(" → "),
    tooltip: [
      t("**{0}** since {1}", labelOf(kind), clock.timeOfDay(since)),
      escapeMarkdown(message),
      escapeMarkdown(editorRemedy(remedy)),
    ].join("\n\n"),
    accessibleName: `${labelOf(kind)}, ${statusWords(severity)}: ${inTurn(keys.map(lockWords))}. ${message}`,
    icon: alertIcons[severity],
  };
}

/** As a screen reader says it. */
function inTurn(locks: readonly string[]): string {
  return locks.length === 0 ? "" : locks.reduce((before, next) => t("{0}, then {1}", before, next));
}

function lockNode(lock: LockView, locksAt: number, clock: LocalTime): ViewNode {
  const since = clock.timeOfDay(locksAt - lock.heldMs);
  return {
    id: `lock:${lock.key}`,
    label: lockWords(lock.key),
    description:
      lock.waiters === 0 ? t("since {0}", since) : t("since {0} · {1} waiting", since, lock.waiters),
    tooltip: [
      t("**Lock** {0}", code(lock.key)),
      t(
        "Held by {0}  \nsince {1}  \nFencing token {2}  \nWaiting: {3}",
        escapeMarkdown(lock.owner),
        since,
        lock.fence,
        lock.waiters,
      ),
    ].join("\n\n"),
    accessibleName: t(
      "{0}, held by {1} since {2}, {3} waiting",
      lockWords(lock.key),
      lock.owner,
      since,
      lock.waiters,
    ),
    contextValue: lockItem,
    lock: lock.key,
    icon: { name: "lock", ...(lock.waiters > 0 ? { color: "charts.yellow" } : {}) },
  };
}
