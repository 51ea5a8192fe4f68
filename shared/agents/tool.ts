import * as z from "zod";
import { DevlatchError } from "../base/errors.ts";
import { bounded, errorAnswer, type ToolAnswer } from "./answer.ts";
import type { ToolCaller } from "./caller.ts";
import { directory } from "./fields.ts";

/** What clients may tell people of a tool before it is called. */
export interface ToolHints {
  readonly readOnly: boolean;
  /** Whether it may end something that is of use. */
  readonly destructive: boolean;
  /** Whether called twice it does no more than once. */
  readonly idempotent: boolean;
}

/** Something an agent can do. */
export interface Tool {
  /** `devlatch_start` */
  readonly name: string;
  readonly title: string;
  /** What it does and when to use it, for the agent. */
  readonly description: string;
  readonly hints: ToolHints;
  /** Its input as JSON Schema. */
  readonly schema: Readonly<Record<string, unknown>>;
  /** Does it. Never rejects but for the signal's reason: what went wrong is the answer. */
  call(input: unknown, caller: ToolCaller): Promise<ToolAnswer>;
}

/** What every tool takes. */
interface Place {
  readonly directory: typeof directory;
}

interface Declared<S extends z.ZodRawShape> {
  readonly title: string;
  readonly description: string;
  readonly hints: ToolHints;
  /** Fields of operations. */
  readonly fields: S;
  /** @throws DevlatchError */
  work(input: z.output<z.ZodObject<S & Place>>, caller: ToolCaller): Promise<ToolAnswer>;
}

/** A tool as an operation's fields and what is done with them. @param verb the operation's name */
export function tool<S extends z.ZodRawShape>(verb: string, declared: Declared<S>): Tool {
  const { title, description, hints, fields, work } = declared;
  const name = `devlatch_${verb}`;
  const input = z.strictObject({ ...fields, directory }) as unknown as z.ZodObject<S & Place>;
  return {
    ...{ name, title, description, hints },
    schema: schemaOf(input),
    call: async (given, caller) => {
      try {
        return bounded(await work(checked(input, name, given ?? {}), caller));
      } catch (error) {
        caller.signal.throwIfAborted();
        return bounded(errorAnswer(error));
      }
    },
  };
}

function checked<T extends z.ZodObject>(input: T, name: string, given: unknown): z.output<T> {
  const result = input.safeParse(given);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const field = issue?.path.join(".");
  const message = `${name}: ${field ? `${field}: ` : ""}${issue?.message ?? "bad input"}.`;
  throw new DevlatchError("INVALID_INPUT", message, "Correct the input and call again.");
}

/** As short as it can be: agents read it with every conversation. What doesn't fit is refused in words. */
function schemaOf(input: z.ZodObject): Readonly<Record<string, unknown>> {
  const { type, properties, required } = z.toJSONSchema(input, {
    override: ({ jsonSchema }) => {
      for (const bound of bounds) delete jsonSchema[bound];
    },
  });
  return { type, properties, ...(required ? { required } : {}) };
}

const bounds = ["minimum", "maximum", "exclusiveMinimum", "minLength", "maxLength", "pattern"] as const;
