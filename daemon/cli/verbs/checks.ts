import type * as z from "zod";
import type { Operation } from "../../../shared/operations/operation.ts";
import type { RawValues } from "../arguments/check.ts";

/** An operation, or what loads it, for verbs that are mostly used without anything that has to be checked. */
export type Declared<A extends z.ZodObject, O extends z.ZodObject> =
  | Declaration<A, O>
  | (() => Promise<Declaration<A, O>>);

type Declaration<A extends z.ZodObject, O extends z.ZodObject> = Operation & {
  readonly args: A;
  readonly options: O;
};

/** Makes of words what they stand for. */
interface Checks<A extends z.ZodObject, O extends z.ZodObject> {
  /** @throws DevlatchError `INVALID_INPUT` */
  args(raw: RawValues): z.output<A>;
  /** @throws DevlatchError `INVALID_INPUT` */
  options(raw: RawValues): z.output<O>;
}

export async function declarationOf<A extends z.ZodObject, O extends z.ZodObject>(
  declared: Declared<A, O>,
): Promise<Declaration<A, O>> {
  return typeof declared === "function" ? declared() : declared;
}

/** Whether nothing was given but flags without a value: the parser has seen to it that these are the verb's. */
export function isSure(raw: RawValues): boolean {
  return Object.values(raw).every((value) => value === undefined || value === true);
}

/**
 * How what was given is checked. To load the schemas takes longer than most verbs.
 * @param sure whether it can't be wrong, so that they aren't loaded where they aren't there yet
 */
export async function checksOf<A extends z.ZodObject, O extends z.ZodObject>(
  declared: Declared<A, O>,
  sure: boolean,
): Promise<Checks<A, O>> {
  if (sure && typeof declared === "function")
    return { args: (raw) => raw as z.output<A>, options: (raw) => raw as z.output<O> };
  const [{ check }, { args, options }] = await Promise.all([
    import("../arguments/check.ts"),
    declarationOf(declared),
  ]);
  return {
    args: (raw) => check(args, raw, "argument"),
    options: (raw) => check(options, raw, "flag"),
  };
}
