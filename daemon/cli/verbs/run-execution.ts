import { since } from "../../../shared/base/deadline.ts";
import { fromErrorShape, isErrorCode } from "../../../shared/base/errors.ts";
import { randomToken } from "../../../shared/base/token.ts";
import type { Params } from "../../../shared/protocol/methods.ts";
import type { RunOutcome, RunStartResult } from "../../../shared/protocol/runs.ts";
import type { Context } from "../context.ts";
import { printable } from "../output/style.ts";
import { interrupted } from "./run-interrupt.ts";
import { SteadyConnection } from "./steady-connection.ts";
import type { Report } from "./verb.ts";

/** How long one request waits for output or for the end, in milliseconds. */
const waitMs = 25_000;
/** Lines asked for at once. */
const pageLines = 5_000;
/** How long a start may go on after Ctrl-C, in milliseconds: what became of it decides what is left to do. */
const startGraceMs = 3_000;

/**
 * Executes, attaches or replays, shows the output, and exits as the command did. An execution whose host was killed
 * is repeated once.
 * @throws DevlatchError what the daemon says; `RUN_LOST` the second time; `CANCELLED` after Ctrl-C
 */
export async function execute(params: Params<"run/start">, context: Context): Promise<Report> {
  const connection = new SteadyConnection(context);
  let lost: string | undefined;
  for (;;) {
    const started = await start(connection, { ...params, ...(lost ? { instead: lost } : {}) }, context);
    const { launchId } = started.run;
    tell(started, context);
    const outcome = await follow(connection, started, context);
    if (outcome.kind === "ended") {
      if (outcome.cancelled) context.output.note(`devlatch: the run ${params.key} was stopped.`);
      return report(started, outcome);
    }
    const { error } = outcome;
    if (error.code !== "RUN_LOST" || lost !== undefined)
      throw fromErrorShape({ ...error, code: isErrorCode(error.code) ? error.code : "HOST_FAILED" });
    context.output.note(`${error.message} Taking over.`);
    lost = launchId;
  }
}

async function start(
  connection: SteadyConnection,
  params: Params<"run/start">,
  context: Context,
): Promise<RunStartResult> {
  const patience = new AbortController();
  const progress = context.output.progress();
  const listened = { token: randomToken(), tell: (message: string) => progress.phase(message) };
  const give = () => setTimeout(() => patience.abort(context.signal.reason), startGraceMs).unref();
  context.signal.addEventListener("abort", give, { once: true });
  try {
    const told = { ...params, progressToken: listened.token };
    return await connection.request("run/start", told, patience.signal, listened);
  } finally {
    progress.done();
    context.signal.removeEventListener("abort", give);
  }
}

function tell({ outcome, run, differences, readable }: RunStartResult, { output }: Context): void {
  const about =
    differences.length > 0 ? ` It is not quite what was asked for: ${differences.join("; ")}.` : "";
  const where = readable ? "" : " It runs on another machine, so only its result is shown.";
  if (outcome === "attached")
    output.note(
      `devlatch: attached to the run ${run.key}, begun ${since(run.startedAt, Date.now())} ago.${printable(about)}${where}`,
    );
  if (outcome === "replayed")
    output.note(
      `devlatch: the run ${run.key} ended ${since(run.state.since, Date.now())} ago; this is its result.`,
    );
}

async function follow(
  connection: SteadyConnection,
  started: RunStartResult,
  context: Context,
): Promise<RunOutcome> {
  try {
    return await stream(connection, started, context);
  } catch (error) {
    if (!context.signal.aborted) throw error;
    throw await interrupted(connection, started, context);
  }
}

async function stream(
  connection: SteadyConnection,
  { run: { key, launchId }, readable }: RunStartResult,
  context: Context,
): Promise<RunOutcome> {
  const { output, signal, cwd } = context;
  signal.throwIfAborted();
  const place = { cwd, key, launchId };
  if (output.json || !readable) {
    for (;;) {
      const outcome = await connection.request("run/wait", { ...place, waitMs }, signal);
      if (outcome) return outcome;
    }
  }
  const form = output.terminalSize ? "raw" : "lines";
  let cursor: number | undefined;
  for (;;) {
    const from = cursor === undefined ? {} : { cursor };
    const request = { ...place, form, limit: pageLines, waitMs, ...from } as const;
    const page = await connection.request("run/output", request, signal);
    if (page.skipped > 0)
      output.note(
        `devlatch: ${page.skipped} ${form === "raw" ? "bytes" : "lines"} of output are no longer kept.`,
      );
    if (page.data !== "") await output.raw(Buffer.from(page.data, "base64"));
    const lines = page.messages.filter(({ kind }) => kind === "output").map(({ text }) => text);
    if (lines.length > 0) await output.line(lines.join("\n"));
    if (page.outcome) return page.outcome;
    cursor = page.next;
    signal.throwIfAborted();
  }
}

function report(
  { outcome, run }: RunStartResult,
  { exitCode, cancelled }: Extract<RunOutcome, { kind: "ended" }>,
): Report {
  const { key, session, fence } = run;
  return { data: { outcome, exitCode, fence, key, session, cancelled }, text: "", exitCode };
}
