import * as z from "zod";
import type { Field } from "./field.ts";

/** The part of JSON Schema that describes a field of an operation. */
const FieldSchema = z.object({
  type: z.enum(["boolean", "integer", "number", "string", "array"]),
  description: z.string().default(""),
  enum: z.array(z.string()).optional(),
  short: z.string().optional(),
  minimum: z.number().optional(),
  exclusiveMinimum: z.number().optional(),
  maximum: z.number().optional(),
});
type FieldSchema = z.infer<typeof FieldSchema>;

/** Asked for the parser, and again for the check. */
const known = new WeakMap<z.ZodObject, readonly Field[]>();

/** The fields of an operation's `args` or `options`, in the order they are declared. */
export function fieldsOf(schema: z.ZodObject): readonly Field[] {
  const fields = known.get(schema) ?? readFields(schema);
  known.set(schema, fields);
  return fields;
}

function readFields(schema: z.ZodObject): Field[] {
  const { properties = {}, required = [] } = z.toJSONSchema(schema);
  return Object.entries(properties).map(([name, property]) => {
    const field = FieldSchema.parse(property);
    const { type: kind, description } = field;
    const choices = field.enum ? { choices: field.enum } : {};
    const short = field.short === undefined ? {} : { short: field.short };
    return {
      ...{ name, required: required.includes(name), description, kind, ...choices, ...short },
      wants: wantsOf(field),
    };
  });
}

function wantsOf(field: FieldSchema): string {
  if (field.enum) return `one of: ${field.enum.join(", ")}`;
  if (field.type !== "integer" && field.type !== "number") return "a text";
  const noun = field.type === "integer" ? "a whole number" : "a number";
  const { minimum, exclusiveMinimum } = field;
  const maximum = field.maximum === Number.MAX_SAFE_INTEGER ? undefined : field.maximum;
  if (minimum !== undefined && maximum !== undefined) return `${noun} from ${minimum} to ${maximum}`;
  const isOpen = exclusiveMinimum !== undefined;
  const low = isOpen ? `greater than ${exclusiveMinimum}` : `from ${minimum ?? 0}`;
  if (maximum !== undefined) return `${noun} ${low}, ${maximum} at most`;
  return isOpen ? `${noun} ${low}` : `${noun} ${low} on`;
}
