import type * as z from "zod";
import { DevlatchError, type ErrorShape, hasCode, toErrorShape } from "../../../shared/base/errors.ts";
import type { Operation } from "../../../shared/operations/operation.ts";
import type { MeantApp } from "../../../shared/protocol/apps.ts";
import { check } from "../arguments/check.ts";
import type { Context } from "../context.ts";
import type { Progress } from "../output/progress.ts";
import { meantApps } from "./only-app.ts";
import type { Report, Verb } from "./verb.ts";

/** How a verb does for several apps what it does for one. */
interface Several<I> {
  /** Whether apps are meant that are to run, or that run. */
  readonly of: "start" | "running";
  /** Which of the others must be done with before an app's turn; without it all go side by side. */
  readonly after?: "dependents" | "dependencies";
  /** What is said where no name was given and nothing runs; without it all that can be started are meant. */
  readonly nothing?: string;
  /** Refuses what only means something for one app. @throws DevlatchError `INVALID_INPUT` */
  refuse?(input: I): void;
  /** What an app's text looks like among others'; as it is where it names the app itself. */
  label?(app: string, text: string): string;
  /** What differs from the work for one, where several go on. */
  prepare?(context: Context): Context;
  /** Does it all by itself, e.g. where what comes of it is woven into one. */
  together?(input: I, apps: readonly string[], context: Context): Promise<Report | undefined>;
}

/** What became of one app. */
type Settled =
  | { readonly app: string; readonly report: Report | undefined }
  | { readonly app: string; readonly error: ErrorShape };

/**
 * A verb that takes one app, several, or none for all that belong together. What fails doesn't take the others down: it is
 * told with them, and the exit code is 1. As JSON several, and none, are an array with one element an app.
 * @param work for one app
 */
export function appsVerb<A extends z.ZodObject, O extends z.ZodObject>(
  operation: Operation & { readonly args: A; readonly options: O },
  several: Several<z.output<O>>,
  work: (input: z.output<A> & z.output<O>, context: Context) => Promise<Report | undefined>,
): Verb {
  return {
    operation,
    run: async ({ args, options }, context) => {
      const flags = check(operation.options, options, "flag");
      const { app: list, ...rest } = args;
      const words = Array.isArray(list) ? list.map(String) : [];
      const inputs = words.map((app) => check(operation.args, { ...rest, app }, "argument"));
      const inputOf = (app: string) => ({ ...check(operation.args, { ...rest, app }, "argument"), ...flags });
      const [only, ...others] = inputs;
      if (only !== undefined && others.length === 0) return work({ ...only, ...flags }, context);
      const names = inputs.map((one) => String((one as { app?: unknown }).app));
      // Which apps several names mean is asked once it is clear that they can be meant together.
      const refuse = () => {
        if (rest["command"] !== undefined) throw oneCommand();
        several.refuse?.(flags);
      };
      if (names.length > 1) refuse();
      const apps = await meant(names, several, context).catch((error: unknown) => {
        throw names.length > 1 && "command" in operation.args.shape ? withHint(error, names) : error;
      });
      const [first, ...more] = apps;
      if (first === undefined) return { data: [], text: several.nothing ?? "" };
      if (more.length === 0) return asList(first.app, await work(inputOf(first.app), context));
      refuse();
      if (several.together)
        return several.together(
          flags,
          apps.map(({ app }) => app),
          context,
        );
      return sideBySide(apps, several.after, context, async (app, own) => {
        const report = await work(inputOf(app), several.prepare?.(own) ?? own);
        return report && { ...report, text: several.label?.(app, report.text) ?? report.text };
      });
    },
  };
}

/** @throws DevlatchError what the daemon says */
async function meant<I>(
  names: readonly string[],
  { of, nothing }: Several<I>,
  context: Context,
): Promise<readonly MeantApp[]> {
  const apps = await meantApps(names, of, context);
  if (names.length > 0 || of === "start" || apps.some(({ active }) => active)) return apps;
  if (nothing !== undefined) return [];
  if (apps.length > 0) return apps;
  const startable = await meantApps([], "start", context);
  return startable.filter(({ external }) => external === undefined);
}

async function sideBySide(
  apps: readonly MeantApp[],
  after: Several<never>["after"],
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
    if (result && "error" in result && result.error.code === "CONSENT_REQUIRED") begin(one, context);
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
  after: "dependents" | "dependencies",
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
  for (const { error } of failed) await output.failure(error);
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

function element({ app, report }: { readonly app: string; readonly report: Report | undefined }): object {
  return { app, ...(report?.data as object | undefined) };
}

function plain({ code, message, remedy, data }: ErrorShape): ErrorShape {
  return { code, message, remedy, ...(data === undefined ? {} : { data }) };
}

function asList(app: string, report: Report | undefined): Report | undefined {
  return report && { ...report, data: [element({ app, report })] };
}

/** What looks like several apps may be one and its command. */
function withHint(error: unknown, [app, ...command]: readonly string[]): unknown {
  if (!hasCode(error, "UNKNOWN_APP")) return error;
  const hint = `If ${command.join(" ")} is a command to run, it goes after --: devlatch start ${app} -- ${command.join(" ")}`;
  return new DevlatchError(error.code, error.message, `${hint}\n${error.remedy}`, {
    data: error.data,
    cause: error,
  });
}

function oneCommand(): DevlatchError {
  return new DevlatchError(
    "INVALID_INPUT",
    "The command after -- is one app's, and several are named.",
    "Name one app with it.",
  );
}
