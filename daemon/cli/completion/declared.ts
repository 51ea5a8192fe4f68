import type { Field } from "../arguments/field.ts";
import { fieldsOf } from "../arguments/flags.ts";
import { topics } from "../help/topics.ts";
import type { LoadVerb } from "../verbs/verb.ts";
import type { Taken } from "./wanted.ts";

/** What completion knows of a verb. */
export interface DeclaredVerb extends Taken {
  /** In a sentence. */
  readonly summary: string;
}

/** All verbs by name, in the order help shows them. */
export type DeclaredVerbs = Readonly<Record<string, DeclaredVerb>>;

/**
 * Reads it off the verbs themselves. That loads all of them, while a person waits at the prompt: the build keeps the result
 * beside the programs (`verbs.json`).
 */
export async function declaredBy(verbs: Readonly<Record<string, LoadVerb>>): Promise<DeclaredVerbs> {
  const pages = [...Object.keys(topics), ...Object.keys(verbs)];
  const all = Object.entries(verbs).map(async ([name, load]) => {
    const { operation } = await load();
    const args = fieldsOf(operation.args).map((field): Field => {
      if (field.name === "topic") return { ...field, choices: pages };
      const isList = field.name === "app" && operation.apps === "several";
      return isList ? { ...field, kind: "array" } : field;
    });
    return [name, { summary: operation.summary, args, options: fieldsOf(operation.options) }] as const;
  });
  return Object.fromEntries(await Promise.all(all));
}
