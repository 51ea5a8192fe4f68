import { spoken } from "./state-line.ts";
import type { WindowState } from "./window-state.ts";
import { escapeMarkdown } from "./words.ts";

/** The status bar's word about alerts. */
export interface AlertItem {
  readonly text: string;
  /** Markdown. */
  readonly tooltip: string;
  readonly isCritical: boolean;
}

/** What the status bar shows of what is wrong now; undefined where there is nothing that the user wants to hear. */
export function alertItem({ board, link }: WindowState): AlertItem | undefined {
  const { alerts, muted, pause } = board;
  if (link.kind === "disconnected") return undefined;
  const loud = alerts.filter(({ kind, snoozedUntil }) => snoozedUntil === undefined && !muted.includes(kind));
  if (loud.length === 0) return undefined;
  const lines = loud.map(
    ({ title, message }) => `**${escapeMarkdown(title)}**  \n${escapeMarkdown(spoken(message))}`,
  );
  const paused = pause.kind === "none" ? [] : ["Notifications are paused"];
  return {
    text: `$(${pause.kind === "none" ? "bell" : "bell-slash"}) ${loud.length}`,
    tooltip: [...lines, ...paused, "---", "Click to show them"].join("\n\n"),
    isCritical: loud.some(({ severity }) => severity === "critical"),
  };
}
