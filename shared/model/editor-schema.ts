/** What a schema says of an object or value without marking it: names, descriptions, what can stand there. */
const kept = new Set([
  ...["$schema", "$ref", "title", "description", "markdownDescription", "default", "definitions"],
  ...["properties", "items", "anyOf", "oneOf", "allOf", "additionalProperties", "propertyNames"],
  ...["examples", "defaultSnippets", "allowComments", "allowTrailingCommas"],
]);

/**
 * A JSON schema that offers what the whole one offers, and finds nothing wrong: the marks are the daemon's, which say what to
 * do, and each mistake is to be told once.
 * @param schema one that checks
 */
export function offeringSchema(schema: object): Record<string, unknown> {
  const { additionalProperties, enum: values, const: value, ...rest } = schema as Record<string, unknown>;
  const examples = Array.isArray(values) ? values : value === undefined ? undefined : [value];
  return {
    ...Object.fromEntries(
      Object.entries(rest)
        .filter(([name]) => kept.has(name))
        .map(([name, part]) => [name, isMap(name) ? eachOf(part) : within(part)]),
    ),
    ...(typeof additionalProperties === "object"
      ? { additionalProperties: within(additionalProperties) }
      : {}),
    ...(examples === undefined ? {} : { examples }),
  };
}

function within(part: unknown): unknown {
  if (Array.isArray(part)) return part.map(within);
  return typeof part === "object" && part !== null ? offeringSchema(part) : part;
}

/** Whether a part holds schemas by names that are the document's own. */
function isMap(name: string): boolean {
  return name === "properties" || name === "definitions";
}

function eachOf(part: unknown): unknown {
  return Object.fromEntries(
    Object.entries(part as Record<string, unknown>).map(([name, schema]) => [name, within(schema)]),
  );
}
