import type { AlertBoard } from "../../../shared/model/alert.ts";
import { alerts as alertsOperation } from "../../../shared/operations/alerts.ts";
import { alertLines } from "../output/alert-lines.ts";
import { localTime, type Paint } from "../output/style.ts";
import { verb } from "./verb.ts";

export const alerts = verb(alertsOperation, async (input, context) => {
  const board = await context.ask(alertsOperation.requests[input.action ?? "list"], input);
  return { data: board, text: boardText(board, context.output.paint) };
});

/** What is wrong and what isn't told, for people. */
export function boardText({ alerts, muted, pause }: AlertBoard, paint: Paint): string {
  const silent = [
    ...(muted.length > 0 ? [`Turned off: ${muted.join(", ")} (devlatch alerts unmute KIND)`] : []),
    ...(pause.kind === "until" ? [`Notifications are paused until ${localTime(pause.time)}`] : []),
    ...(pause.kind === "while-connected" ? ["Notifications are paused by a window"] : []),
  ];
  const lines = alerts.length === 0 ? ["Nothing is wrong"] : alerts.map((alert) => alertLines(alert, paint));
  return [...lines, ...(silent.length > 0 ? [silent.join("\n")] : [])].join("\n\n");
}
