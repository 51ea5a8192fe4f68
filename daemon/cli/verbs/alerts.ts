import { DevlatchError } from "../../../shared/base/errors.ts";
import { type Alert, type AlertBoard, AlertKind } from "../../../shared/model/alert.ts";
import { type OperationInput, operations } from "../../../shared/operations/operations.ts";
import { durationMs } from "../arguments/duration.ts";
import type { Context } from "../context.ts";
import { localTime, type Paint, printable } from "../output/style.ts";
import { verb } from "./verb.ts";

export const alerts = verb(operations.alerts, async (input, context) => {
  const board = await act(input, context);
  return { data: board, text: boardText(board, context.output.paint) };
});

async function act(
  { action, target, for: time = "1h" }: OperationInput<"alerts">,
  context: Context,
): Promise<AlertBoard> {
  const options = { signal: context.signal };
  if (action === undefined || action === "list") {
    if (target !== undefined) throw wants("list takes no more words");
    return (await context.ensure()).request("alerts/list", {}, options);
  }
  if (action === "snooze") {
    if (target === undefined) throw wants("snooze wants the id of an alert");
    return (await context.ensure()).request(
      "alerts/snooze",
      { id: target, forMs: durationMs(time) },
      options,
    );
  }
  const kind = AlertKind.safeParse(target).data;
  if (!kind) throw wants(`${action} wants a kind: ${AlertKind.options.join(", ")}`);
  return (await context.ensure()).request("alerts/mute", { kind, muted: action === "mute" }, options);
}

function wants(message: string): DevlatchError {
  return new DevlatchError("INVALID_INPUT", `alerts ${message}.`, "See the alerts with: devlatch alerts");
}

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
