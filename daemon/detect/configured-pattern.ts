import { getNodeValue, type Node } from "jsonc-parser";
import { readPattern } from "../../shared/base/pattern.ts";
import type { ConfigIssue } from "./config-issues.ts";

/**
 * What is wrong with an app's `ready.pattern`; nothing for a value of a wrong type, which is the schema's matter.
 * @param node the value of `pattern`
 */
export async function patternIssue(app: string, node: Node): Promise<ConfigIssue | undefined> {
  const value: unknown = getNodeValue(node);
  if (typeof value !== "string" || value === "") return undefined;
  const reading = await readPattern(value);
  if (reading.kind === "pattern") return undefined;
  const { offset, length } = node;
  return { what: `apps.${app}.ready.pattern ${reading.what}`, remedy: reading.remedy, offset, length };
}
