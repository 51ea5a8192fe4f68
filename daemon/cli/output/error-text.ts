import * as z from "zod";
import type { ErrorShape } from "../../../shared/base/errors.ts";
import { Listener, ProcessView } from "../../../shared/model/process.ts";
import { indented, type Paint, printable } from "./style.ts";
import { listenerTable, processTable } from "./words.ts";

/** The facts an error may carry that a person wants to see. Each is looked for by itself: all are optional. */
const facts = {
  listeners: z.array(Listener).min(1),
  process: ProcessView,
  watchers: z.array(ProcessView).min(1),
  survivors: z.array(ProcessView).min(1),
  logTail: z.array(z.string()).min(1),
} as const;

/** An error for people: what happened, what to do next, then the facts it carries. Ends without a line break. */
export function errorText(error: ErrorShape, paint: Paint): string {
  return [errorLines(error, paint), ...factBlocks(error.data, paint)].join("\n");
}

/** What happened, and what to do, a line each. */
export function errorLines(error: ErrorShape, paint: Paint): string {
  const lines = [`${paint("red", "devlatch:")} ${oneLine(error.message)}`];
  if (error.remedy) lines.push(`  ${oneLine(error.remedy)}`);
  return lines.join("\n");
}

/** What programs said, and comes with an error, may have several. */
function oneLine(text: string): string {
  const lines = text.split(/\r?\n/).map((line) => printable(line).trim());
  return lines.filter((line) => line !== "").join(" ");
}

function factBlocks(data: unknown, paint: Paint): string[] {
  if (typeof data !== "object" || data === null) return [];
  const blocks: string[] = [];
  const inner = indented(paint, 2);
  const look = <K extends keyof typeof facts>(
    key: K,
    show: (value: z.output<(typeof facts)[K]>) => string,
  ) => {
    const parsed = facts[key].safeParse((data as Record<string, unknown>)[key]);
    if (parsed.success) blocks.push(`\n${indent(show(parsed.data as z.output<(typeof facts)[K]>))}`);
  };
  look("listeners", (listeners) => listenerTable(listeners, inner));
  look("process", (process) => processTable([process], inner));
  look("watchers", (watchers) => `Would start it again:\n${processTable(watchers, inner)}`);
  look("survivors", (survivors) => `Still alive:\n${processTable(survivors, inner)}`);
  look("logTail", (lines) => `Last output:\n${indent(lines.map(printable).join("\n"))}`);
  return blocks;
}

function indent(text: string): string {
  return text.replace(/^(?=.)/gm, "  ");
}
