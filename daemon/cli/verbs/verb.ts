import type * as z from "zod";
import type { Operation } from "../../../shared/operations/operation.ts";
import type { Invocation } from "../arguments/adapter.ts";
import { check } from "../arguments/check.ts";
import type { Context } from "../context.ts";
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
  readonly operation: Operation;
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
  operation: Operation & { readonly args: A; readonly options: O },
  work: (input: z.output<A> & z.output<O>, context: Context) => Promise<Report | undefined>,
): Verb {
  return {
    operation,
    run: async ({ verb: name, args, options }, context) => {
      const flags = check(operation.options, options, "flag");
      const isMeant = operation.apps === "one" && args["app"] === undefined;
      const named = isMeant ? { ...args, app: await onlyApp(name, context) } : args;
      return work({ ...check(operation.args, named, "argument"), ...flags }, context);
    },
  };
}
