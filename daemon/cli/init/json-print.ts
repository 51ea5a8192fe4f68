/** What stands between the parts of a JSON text: line ends and steps of indentation of the file it goes into. */
export interface JsonStyle {
  readonly eol: string;
  /** One step of indentation. */
  readonly unit: string;
  /** Indentation of the line the value begins on; undefined where all is to stand on one line. */
  readonly indent: string | undefined;
}

/**
 * A value as JSON, in the style of what is around it. After the bracket of an object or list of objects there is always
 * white space: by that `takeOut` knows what was made for an entry of ours.
 */
export function printJson(value: unknown, style: JsonStyle): string {
  if (Array.isArray(value)) {
    const isPlain = value.every((one) => typeof one !== "object");
    const parts = value.map((one) => printJson(one, deeper(style)));
    return isPlain ? `[${parts.join(", ")}]` : wrap("[", parts, "]", style);
  }
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const parts = Object.entries(value).map(([key, one]) => printMember(key, one, deeper(style)));
  return wrap("{", parts, "}", style);
}

/** A key with its value. */
export function printMember(key: string, value: unknown, style: JsonStyle): string {
  return `${JSON.stringify(key)}: ${printJson(value, style)}`;
}

function wrap(open: string, parts: readonly string[], close: string, style: JsonStyle): string {
  const { eol, indent } = style;
  if (indent === undefined) return `${open} ${parts.join(", ")} ${close}`;
  const inner = eol + deeper(style).indent;
  return `${open}${inner}${parts.join(`,${inner}`)}${eol}${indent}${close}`;
}

function deeper(style: JsonStyle): JsonStyle {
  return style.indent === undefined ? style : { ...style, indent: style.indent + style.unit };
}
