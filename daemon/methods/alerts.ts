import type { Alerts } from "../alerts/alerts.ts";
import type { Handlers } from "./handlers.ts";

type AlertMethods =
  | "alerts/list"
  | "alerts/take"
  | "alerts/snooze"
  | "alerts/mute"
  | "alerts/pause"
  | "alerts/resume";

export function alertMethods(alerts: Alerts): Pick<Handlers, AlertMethods> {
  return {
    "alerts/list": async () => alerts.board,
    "alerts/take": async ({ id, since }) => ({ taken: alerts.take(id, since) }),
    "alerts/snooze": async ({ id, forMs }) => alerts.snooze(id, forMs),
    "alerts/mute": async ({ kind, muted }) => alerts.mute(kind, muted),
    "alerts/pause": async ({ forMs }, { scope }) =>
      forMs === undefined ? alerts.pauseWhile(scope) : alerts.pause(forMs),
    "alerts/resume": async () => alerts.resume(),
  };
}
