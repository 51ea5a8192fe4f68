import type { Alert } from "../../../shared/model/alert.ts";
import { localTime, type Paint, printable } from "./style.ts";

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
