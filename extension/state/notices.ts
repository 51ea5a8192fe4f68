import type { Alert } from "../../shared/model/alert.ts";
import type { Settings } from "../contributions/settings.ts";
import type { WindowState } from "./window-state.ts";

/** What a window knows of itself when it decides what to tell. */
export interface Attention {
  /** Whether the user looks at this window: one of all tells. */
  readonly focused: boolean;
  readonly notifications: Settings["notifications"];
}

/** The alerts that this window should tell its user now, unless another one is quicker. */
export function noticesDue(state: WindowState, { focused, notifications }: Attention): readonly Alert[] {
  const { alerts, pause } = state.board;
  if (!focused || notifications === "off" || state.link.kind !== "connected" || pause.kind !== "none")
    return [];
  return alerts.filter(
    ({ notify, severity }) => notify && (notifications !== "critical" || severity === "critical"),
  );
}

/** Whether this very alert still stands. */
export function stands(state: WindowState, { id, since }: Alert): boolean {
  return state.board.alerts.some((alert) => alert.id === id && alert.since === since);
}

/** Tells one time of a problem from the next. */
export function occurrence({ id, since, severity }: Alert): string {
  return `${id} ${since} ${severity}`;
}
