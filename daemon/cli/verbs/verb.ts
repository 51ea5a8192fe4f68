import type * as z from "zod";
import type { Operation } from "../../../shared/operations/operation.ts";
import type { Invocation } from "../arguments/adapter.ts";
import type { Context } from "../context.ts";
import { checksOf, type Declared, declarationOf, isSure } from "./checks.ts";
import { onlyApp } from "./only-app.ts";

/** What a verb has to say: facts for programs, text for people. */
export interface Report {
  readonly data: unknown;
  /** Empty where nothing is left to say. */
  readonly text: string;
  /** Where it isn't 0 although nothing was thrown, e.g. a doctor that found a problem. */
  readonly exitCode?: number;
}

/** A verb of the command line. */
export interface Verb {
  /** What it declares. Loaded for what was given, where that has to be checked. */
  operation(): Promise<Operation>;
  /**
   * Checks the invocation and does it.
   * @returns what to print; undefined when the verb printed as it went
   * @throws DevlatchError
   */
  run(invocation: Invocation, context: Context): Promise<Report | undefined>;
}

/** Loads a verb with all it works with: only the one that is asked for costs anything. */
export type LoadVerb = () => Promise<Verb>;

/** Joins an operation's declaration and what the command line does for it. */
export function verb<A extends z.ZodObject, O extends z.ZodObject>(
  declared: Declared<A, O>,
  work: (input: z.output<A> & z.output<O>, context: Context) => Promise<Report | undefined>,
): Verb {
  const operation = () => declarationOf(declared);
  return {
    operation,
    run: async ({ verb: name, args, options }, context) => {
      const checked = await checksOf(declared, isSure(args) && isSure(options));
      const flags = checked.options(options);
      const isMeant = "app" in args && args["app"] === undefined && (await operation()).apps === "one";
      const named = isMeant ? { ...args, app: await onlyApp(name, context) } : args;
      return work({ ...checked.args(named), ...flags }, context);
    },
  };
}
