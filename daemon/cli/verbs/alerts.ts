import type { Alert, AlertBoard } from "../../../shared/model/alert.ts";
import { operations } from "../../../shared/operations/operations.ts";
import { localTime, type Paint, printable } from "../output/style.ts";
import { verb } from "./verb.ts";

export const alerts = verb(operations.alerts, async (input, context) => {
  const board = await context.ask(operations.alerts.requests[input.action ?? "list"], input);
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

/** One alert in three lines: what, in full, the way out. */
export function alertLines(alert: Alert, paint: Paint): string {
  const { id, severity, title, message, remedy, since, snoozedUntil } = alert;
  const head = paint(severity === "critical" ? "red" : "yellow", `${severity}: ${printable(title)}`);
  const snoozed = snoozedUntil === undefined ? "" : `, snoozed until ${localTime(snoozedUntil)}`;
  const facts = paint("dim", `(${id}, since ${localTime(since)}${snoozed})`);
  return [
    `${head} ${facts}`,
    ...[message, remedy].filter(Boolean).map((line) => `  ${printable(line)}`),
  ].join("\n");
}
