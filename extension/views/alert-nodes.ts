import { t } from "@vscode/l10n";
import type { Alert } from "../../shared/model/alert.ts";
import { statusWords } from "../../shared/model/health-words.ts";
import { alertItem } from "../contributions/views.ts";
import { editorRemedy, spoken } from "../state/state-line.ts";
import type { WindowState } from "../state/window-state.ts";
import { escapeMarkdown, type LocalTime } from "../state/words.ts";
import type { ViewNode } from "./view-node.ts";

const icons: Readonly<Record<Alert["severity"], { name: string; color: string }>> = {
  warning: { name: "warning", color: "list.warningForeground" },
  critical: { name: "error", color: "testing.iconFailed" },
};

/** Rows on top of the Health view: what is wrong now, where no server's or lock's own row says it. */
export function alertNodes(state: WindowState, clock: LocalTime): readonly ViewNode[] {
  if (state.link.kind === "disconnected") return [];
  return state.board.alerts.filter(({ kind }) => kind === "health").map((alert) => alertNode(alert, clock));
}

function alertNode(alert: Alert, clock: LocalTime): ViewNode {
  const { id, severity, title, message, remedy, since, snoozedUntil } = alert;
  const isSilent = snoozedUntil !== undefined;
  return {
    id: `alert:${id}`,
    label: title,
    description: isSilent ? t("snoozed until {0}", clock.timeOfDay(snoozedUntil)) : spoken(message),
    tooltip: [
      t("**{0}** since {1}", escapeMarkdown(title), clock.timeOfDay(since)),
      escapeMarkdown(spoken(message)),
      escapeMarkdown(editorRemedy(remedy)),
    ].join("\n\n"),
    accessibleName: `${title}, ${statusWords(severity)}. ${spoken(message)}`,
    icon: isSilent ? { name: "bell-slash" } : icons[severity],
    contextValue: alertItem,
    alert: id,
  };
}
