import { since } from "../../../shared/base/deadline.ts";
import type { External } from "../../../shared/model/app.ts";
import { externalAddress } from "../../../shared/model/external-address.ts";
import { cpuWords, memoryWords } from "../../../shared/model/resource-words.ts";
import type { RunView } from "../../../shared/model/run.ts";
import type { SessionView } from "../../../shared/model/session.ts";
import { type StateWords, sessionWords, taskWords } from "../../../shared/model/session-words.ts";
import { whoWords } from "../../../shared/model/who-words.ts";
import { type Paint, printable } from "../output/style.ts";
import { shortPath } from "../output/words.ts";

/** How rows are written. */
export interface Style {
  readonly paint: Paint;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Whether also what it costs and where it runs. */
  readonly isLong: boolean;
}

/** The cells of one line. */
export type Row = readonly string[];

const dot = " · ";
/** Keys that programs notice one by one don't work there. */
const withPipes = "pipes, no terminal";

/** A server, and in the long form below it what it costs. */
export function sessionRows(session: SessionView, style: Style): readonly Row[] {
  const row = sessionRow(session, style);
  return style.isLong ? [row, ["", style.paint("dim", costs(session))]] : [row];
}

/** What isn't ready has no address and no age, and says in their place why. */
function sessionRow(session: SessionView, { paint, now }: Style): Row {
  const { app, state, restarts } = session;
  const words = coloured(sessionWords(session, now), paint);
  const who = whoWords(session);
  if (state.kind !== "ready") return [app, who === "" ? words : words + dot + who];
  const again = restarts === undefined ? "" : `, ${restarts === 1 ? "1 restart" : `${restarts} restarts`}`;
  const how = state.terminal === undefined ? words : words + dot + withPipes;
  return [app, how, printable(state.url), `${since(state.since, now)}${again}`, who];
}

/** Something that is done before servers start. @param last undefined where it never was */
export function taskRow(app: string, last: RunView, { paint, now }: Style): Row {
  return [app, coloured(taskWords(last, now), paint)];
}

/** @param answers undefined where it wasn't looked at */
export function externalRow(
  app: string,
  external: External,
  answers: boolean | undefined,
  { paint }: Style,
): Row {
  const port = external.host === "localhost" ? String(external.tcp) : externalAddress(external);
  const words =
    answers === undefined ? port : answers ? `answers on ${port}` : paint("red", `no answer on ${port}`);
  return [app, `external${dot}${words}`];
}

/** A command that runs under a key. */
export function runRow({ key, state, startedAt, command }: RunView, { now }: Style): Row {
  const kind = state.kind === "running" ? "run" : `run, ${state.kind}`;
  return [printable(key), [kind, since(startedAt, now), printable(command)].join(dot)];
}

function coloured({ colour, words }: StateWords, paint: Paint): string {
  const [first = "", ...rest] = words.split(dot);
  return [paint(colour, first), ...rest].join(dot);
}

/** What it uses of the machine, in which process and directory. */
function costs({ state, resources, cwd }: SessionView): string {
  const used = resources && [
    cpuWords(resources.cpuPercent),
    memoryWords(resources.memoryBytes),
    processWords(resources.processes),
  ];
  const process = state.kind === "ready" ? [`pid ${state.pid}`] : [];
  return [...process, ...(used ?? []), printable(shortPath(cwd))].join(dot);
}

function processWords(count: number): string {
  return count === 1 ? "1 process" : `${count} processes`;
}
