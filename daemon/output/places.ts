import type { SourcePlace, StackFrame } from "../../shared/model/output.ts";
import { parsePlace } from "../../shared/model/source-place.ts";

/** `    at name (file:3:9)`, `    at file:3:9`: one call of a stack trace. */
export function parseFrame(line: string): StackFrame | undefined {
  const text = line.trim();
  if (!text.startsWith("at ")) return undefined;
  const body = (text.endsWith(" {") ? text.slice(3, -2) : text.slice(3)).replace(/^async /, "");
  const open = body.endsWith(")") ? body.lastIndexOf(" (") : -1;
  const place = parsePlace(open === -1 ? body : body.slice(open + 2, -1));
  if (place?.line === undefined) return undefined;
  const name = open === -1 ? "" : body.slice(0, open);
  return name === "" ? place : { name: name.slice(0, 200), ...place };
}

/** Whether a frame is of the app itself, not of the runtime or a dependency. */
export function isOwn({ file }: SourcePlace): boolean {
  return !/^(?:node:|internal\/|native$|<anonymous>)/.test(file) && !/[\\/]node_modules[\\/]/.test(file);
}
