import { DevlatchError, type ErrorShape, toErrorShape } from "../../../shared/base/errors.ts";
import type { MeantApp } from "../../../shared/protocol/apps.ts";
import type { Context } from "../context.ts";
import type { Progress } from "../output/progress.ts";
import type { Report } from "./verb.ts";

/** What a person can be asked about. */
const askable: ReadonlySet<string> = new Set(["CONSENT_REQUIRED", "OVER_BUDGET"]);

/** What became of one app. */
type Settled =
  | { readonly app: string; readonly report: Report | undefined }
  | { readonly app: string; readonly error: ErrorShape };

/** Which of the others must be done with before an app's turn. */
export type After = "dependents" | "dependencies";

/**
 * Does something with several apps at a time, and tells what became of each. A person is asked about one after the other.
 * @param after without it all go side by side
 * @param work for one app
 */
export async function sideBySide(
  apps: readonly MeantApp[],
  after: After | undefined,
  context: Context,
  work: (app: string, context: Context) => Promise<Report | undefined>,
): Promise<Report> {
  const { output } = context;
  const board = output.board(apps.map(({ app }) => app));
  const notes: string[] = [];
  const results = new Map<string, Promise<Settled>>();
  const first = (one: MeantApp) => (after === undefined ? [] : neighbours(one, apps, after));
  const begin = (one: MeantApp, own: Context) =>
    results.set(
      one.app,
      settle(
        one.app,
        first(one).map(({ app }) => results.get(app)),
        () => work(one.app, own),
      ),
    );
  // In the order in which they wait for each other, so that each finds those before it.
  const order = after === "dependents" ? [...apps].reverse() : apps;
  for (const one of order) {
    const part = {
      progress: besideOthers(board.row(one.app), apps),
      note: (text: string) => notes.push(`${one.app}: ${text}`),
    };
    begin(one, context.beside(output.part(part)));
  }
  for (const [app, result] of results)
    void result.then((one) =>
      board.settle(app, "error" in one ? one.error.message : (one.report?.text ?? "")),
    );
  await Promise.all(results.values());
  board.end();
  for (const note of notes) output.note(note);
  // A person is asked about one after the other.
  for (const one of output.dialogue ? order : []) {
    const result = await results.get(one.app);
    if (result && "error" in result && askable.has(result.error.code)) begin(one, context);
    await results.get(one.app);
  }
  return reportOf(await Promise.all(results.values()), context);
}

/** What another of them does stands in its own line: here it is enough that it is waited for. */
function besideOthers(row: Progress, apps: readonly MeantApp[]): Progress {
  const phase = (text: string) => {
    const other = apps.find(({ app }) => text.startsWith(`${app}: `));
    row.phase(other === undefined ? text : `Waiting for ${other.app}`);
  };
  return { phase, done: () => row.done() };
}

/** Those of the others that must be done with first. */
function neighbours(
  { app, dependsOn }: MeantApp,
  apps: readonly MeantApp[],
  after: After,
): readonly MeantApp[] {
  return apps.filter((other) =>
    after === "dependents" ? other.dependsOn.includes(app) : dependsOn.includes(other.app),
  );
}

async function settle(
  app: string,
  before: readonly (Promise<Settled> | undefined)[],
  work: () => Promise<Report | undefined>,
): Promise<Settled> {
  try {
    for (const other of await Promise.all(before)) if (other && "error" in other) throw leftAlone(app, other);
    return { app, report: await work() };
  } catch (error) {
    return { app, error: toErrorShape(error) };
  }
}

/** An app whose users could not be dealt with goes on running for them. */
function leftAlone(app: string, other: Extract<Settled, { readonly error: ErrorShape }>): DevlatchError {
  return new DevlatchError(
    other.error.code,
    `${app} was left as it is, since ${other.app} wasn't dealt with.`,
    other.error.remedy,
  );
}

async function reportOf(settled: readonly Settled[], { output, interrupts }: Context): Promise<Report> {
  const failed = settled.filter((one) => "error" in one);
  for (const { app, error } of failed) await output.failure(named(app, error));
  const reports = settled.flatMap((one) => ("report" in one && one.report ? [one.report] : []));
  const codes = reports.map(({ exitCode = 0 }) => exitCode).filter((code) => code !== 0);
  const [code = 0] = failed.length > 0 || codes.includes(1) ? [1] : codes;
  return {
    data: settled.map((one) => ("error" in one ? { app: one.app, error: plain(one.error) } : element(one))),
    text: reports
      .map(({ text }) => text)
      .filter((text) => text !== "")
      .join("\n"),
    exitCode: interrupts.exitCode ?? code,
  };
}

/** An error that doesn't say whose it is. */
function named(app: string, error: ErrorShape): ErrorShape {
  const isSaid = error.message.split(/[^\w-]+/).includes(app);
  return isSaid ? error : { ...error, message: `${app}: ${error.message}` };
}

/** One of several in JSON. */
export function element({
  app,
  report,
}: {
  readonly app: string;
  readonly report: Report | undefined;
}): object {
  return { app, ...(report?.data as object | undefined) };
}

function plain({ code, message, remedy, data }: ErrorShape): ErrorShape {
  return { code, message, remedy, ...(data === undefined ? {} : { data }) };
}
