import type { LockAlert } from "../../../shared/model/concurrency.ts";
import { type Paint, printable } from "../output/style.ts";

/** What is wrong with locks and the way out, for people. */
export function alertText({ kind, severity, message, remedy }: LockAlert, paint: Paint): string {
  const head = paint(severity === "critical" ? "red" : "yellow", kind.replaceAll("_", " "));
  return `${head}: ${printable(message)}\n${printable(remedy)}`;
}
