import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Field } from "./field.ts";

/** What a verb takes and says of itself, without what checks it. */
export interface DeclaredVerb {
  /** In a sentence. */
  readonly summary: string;
  readonly args: readonly Field[];
  readonly options: readonly Field[];
  /** See `Operation.apps`. */
  readonly apps?: "one" | "several";
}

/** Verbs by name, in the order help shows them. */
export type DeclaredVerbs = Readonly<Record<string, DeclaredVerb>>;

/**
 * All verbs, as the build has written them down beside the programs (`verbs.json`): to read that off the verbs themselves
 * loads all of them.
 * @returns undefined where that file is missing
 */
export function readDeclared(): DeclaredVerbs | undefined {
  try {
    return JSON.parse(readFileSync(join(import.meta.dirname, "verbs.json"), "utf8")) as DeclaredVerbs;
  } catch {
    return undefined;
  }
}
