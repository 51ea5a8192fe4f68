import type { LoadVerb } from "../verbs/verb.ts";
import type { DeclaredVerb, DeclaredVerbs } from "./declared.ts";
import { fieldsOf } from "./flags.ts";

/** Reads off verbs what they declare. That loads each of them: the build keeps the result, see `readDeclared`. */
export async function declaredBy(verbs: Readonly<Record<string, LoadVerb>>): Promise<DeclaredVerbs> {
  const all = Object.entries(verbs).map(async ([name, load]): Promise<[string, DeclaredVerb]> => {
    const { args, options, apps, summary } = await (await load()).operation();
    const taken = fieldsOf(args).map((field) =>
      field.name === "app" && apps !== undefined ? { ...field, required: false } : field,
    );
    return [name, { summary, args: taken, options: fieldsOf(options), ...(apps && { apps }) }];
  });
  return Object.fromEntries(await Promise.all(all));
}
