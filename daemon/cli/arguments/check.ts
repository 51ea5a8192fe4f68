import type * as z from "zod";
import { DevlatchError } from "../../../shared/base/errors.ts";
import { type Field, flagName } from "./field.ts";
import { fieldsOf } from "./flags.ts";

/** Words from the command line, before they are checked: strings, lists after `--`, and flags without a value. */
export type RawValues = Readonly<Record<string, string | boolean | readonly string[] | undefined>>;

/** Decimal only: `Number` would also take `0x10`, `1e3` and the empty string. */
const decimal = /^[+-]?\d+(\.\d+)?$/;

/**
 * The checked values of an operation's arguments or options.
 * @param place how the reader knows these fields: positional arguments or flags
 * @throws DevlatchError `INVALID_INPUT` that names the field, what it wants and what it got
 */
export function check<S extends z.ZodObject>(
  schema: S,
  raw: RawValues,
  place: "argument" | "flag",
): z.output<S> {
  const fields = fieldsOf(schema);
  for (const field of fields) checkNumber(field, raw[field.name], place);
  const parsed = schema.safeParse(raw);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const field = fields.find(({ name }) => name === issue?.path[0]);
  if (!field) throw new DevlatchError("INVALID_INPUT", issue?.message ?? "Malformed input.", "See --help.");
  throw invalid(field, raw[field.name], place, issue?.code === "invalid_format" ? issue.message : undefined);
}

function checkNumber(field: Field, value: RawValues[string], place: "argument" | "flag"): void {
  if (value === undefined || (field.kind !== "integer" && field.kind !== "number")) return;
  if (typeof value !== "string" || !decimal.test(value)) throw invalid(field, value, place);
}

function invalid(
  field: Field,
  value: RawValues[string],
  place: "argument" | "flag",
  rule?: string,
): DevlatchError {
  const title = place === "flag" ? flagName(field.name) : field.name;
  if (value === undefined) {
    const where = field.name === "command" ? " Give it after --." : "";
    return new DevlatchError(
      "INVALID_INPUT",
      `Missing ${title}: ${field.description}.${where}`,
      "See --help.",
    );
  }
  const got = JSON.stringify(value);
  const message = rule
    ? `${title} ${got} is not valid: it ${rule}.`
    : `${title} wants ${field.wants}; got ${got}.`;
  return new DevlatchError("INVALID_INPUT", message, "Correct it and try again.", {
    data: { field: field.name, value },
  });
}
