import { t } from "@vscode/l10n";
import type { AlertKind } from "../../shared/model/alert.ts";
import type { ViewName } from "../contributions/views.ts";
import { alertsHere } from "./alerts.ts";
import { spoken } from "./state-line.ts";
import type { WindowState } from "./window-state.ts";
import { escapeMarkdown } from "./words.ts";

/** The status bar's word about alerts. */
export interface AlertItem {
  readonly text: string;
  /** Markdown. */
  readonly tooltip: string;
  readonly isCritical: boolean;
  /** Where the first of them stands. */
  readonly view: ViewName;
}

/** Each alert has one place: a server's is its row. */
const viewOf: Readonly<Record<AlertKind, ViewName>> = { server: "servers", lock: "locks", health: "health" };

/** What the status bar shows of what is wrong now; undefined where there is nothing that the user wants to hear. */
export function alertItem(state: WindowState): AlertItem | undefined {
  const { muted, pause } = state.board;
  if (state.link.kind === "disconnected") return undefined;
  const loud = alertsHere(state).filter(
    ({ kind, snoozedUntil }) => snoozedUntil === undefined && !muted.includes(kind),
  );
  const [first] = loud;
  if (first === undefined) return undefined;
  const lines = loud.map(
    ({ title, message }) => `**${escapeMarkdown(title)}**  \n${escapeMarkdown(spoken(message))}`,
  );
  const paused = pause.kind === "none" ? [] : [t("Notifications are paused")];
  return {
    text: `$(${pause.kind === "none" ? "bell" : "bell-slash"}) ${loud.length}`,
    tooltip: [...lines, ...paused, "---", t("Click to show them")].join("\n\n"),
    view: viewOf[first.kind],
    isCritical: loud.some(({ severity }) => severity === "critical"),
  };
}
