import type * as z from "zod";
import { DevlatchError, hasCode } from "../../../shared/base/errors.ts";
import { appNameRule } from "../../../shared/model/app-name-rule.ts";
import type { MeantApp } from "../../../shared/protocol/apps.ts";
import type { Context } from "../context.ts";
import { checksOf, type Declared, declarationOf, isSure } from "./checks.ts";
import { meantApps } from "./only-app.ts";
import { type After, element, sideBySide } from "./side-by-side.ts";
import type { Report, Verb } from "./verb.ts";

/** How a verb does for several apps what it does for one. */
interface Several<I> {
  /** Whether apps are meant that are to run, or that run. */
  readonly of: "start" | "running";
  /** Which of the others must be done with before an app's turn; without it all go side by side. */
  readonly after?: After;
  /** What is said where no name was given and nothing runs; without it all that can be started are meant. */
  readonly nothing?: string;
  /** Whether what depends on those that are named is meant, too. */
  widens?(input: I): boolean;
  /** Refuses what only means something for one app. @throws DevlatchError `INVALID_INPUT` */
  refuse?(input: I): void;
  /** What an app's text looks like among others'; as it is where it names the app itself. */
  label?(app: string, text: string): string;
  /** What differs from the work for one, where several go on. */
  prepare?(context: Context): Context;
  /** Does it all by itself, e.g. where what comes of it is woven into one. */
  together?(input: I, apps: readonly string[], context: Context): Promise<Report | undefined>;
}

/**
 * A verb that takes one app, several, or none for all that belong together. What fails doesn't take the others down: it is
 * told with them, and the exit code is 1. As JSON several, and none, are an array with one element an app.
 * @param work for one app
 */
export function appsVerb<A extends z.ZodObject, O extends z.ZodObject>(
  declared: Declared<A, O>,
  several: Several<z.output<O>>,
  work: (input: z.output<A> & z.output<O>, context: Context) => Promise<Report | undefined>,
): Verb {
  const operation = () => declarationOf(declared);
  return {
    operation,
    run: async ({ args, options }, context) => {
      const { app: list, ...rest } = args;
      const words = Array.isArray(list) ? list.map(String) : [];
      const isNamed = words.every((word) => appNameRule.test(word));
      const checked = await checksOf(declared, isNamed && isSure(rest) && isSure(options));
      const flags = checked.options(options);
      const inputs = words.map((app) => checked.args({ ...rest, app }));
      const inputOf = (app: string) => ({ ...checked.args({ ...rest, app }), ...flags });
      const [only, ...others] = inputs;
      const widens = several.widens?.(flags) ?? false;
      if (only !== undefined && others.length === 0 && !widens) return work({ ...only, ...flags }, context);
      const names = inputs.map((one) => String((one as { app?: unknown }).app));
      // Which apps several names mean is asked once it is clear that they can be meant together.
      const refuse = () => {
        if (rest["command"] !== undefined) throw oneCommand();
        several.refuse?.(flags);
      };
      if (names.length > 1) refuse();
      const apps = await meant(names, several, context, widens).catch(async (error: unknown) => {
        const isCommand = names.length > 1 && "command" in (await operation()).args.shape;
        throw isCommand ? withHint(error, names) : error;
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
  widens: boolean,
): Promise<readonly MeantApp[]> {
  const apps = await meantApps(names, of, context, widens);
  if (names.length > 0 || of === "start" || apps.some(({ active }) => active)) return apps;
  if (nothing !== undefined) return [];
  if (apps.length > 0) return apps;
  const startable = await meantApps([], "start", context);
  return startable.filter(({ external }) => external === undefined);
}

function asList(app: string, report: Report | undefined): Report | undefined {
  return report && { ...report, data: [element({ app, report })] };
}

/** What looks like several apps may be one and its command. */
function withHint(error: unknown, [app, ...command]: readonly string[]): unknown {
  if (!hasCode(error, "UNKNOWN_APP")) return error;
  const hint = `If ${command.join(" ")} is a command to run, it goes after --: devlatch start ${app} -- ${command.join(" ")}`;
  return new DevlatchError(error.code, error.message, `${hint}. Else: ${error.remedy}`, {
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
