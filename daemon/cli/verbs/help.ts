import * as z from "zod";
import { DevlatchError } from "../../../shared/base/errors.ts";
import { none } from "../../../shared/operations/fields.ts";
import { steps } from "../../../shared/operations/operation.ts";
import { declaredBy } from "../arguments/declared-by.ts";
import { parse } from "../arguments/parse.ts";
import { dress } from "../help/dress.ts";
import { pages } from "../help/pages.ts";
import { isTopic, topics } from "../help/topics.ts";
import { printable } from "../output/style.ts";
import { type LoadVerb, type Verb, verb } from "./verb.ts";

const declared = steps({
  summary: "Show a page of help, or the help of a verb; without a word, which pages there are.",
  args: z.object({ topic: z.string().optional().describe("A page, or a verb") }),
  options: none,
  palette: null,
  requests: {},
});

/** @param verbs those whose help it shows */
export function helpOf(verbs: Readonly<Record<string, LoadVerb>>): Verb {
  return verb(declared, async ({ topic }) => {
    const help = await textOf(topic, verbs);
    return { data: { help }, text: help };
  });
}

async function textOf(topic: string | undefined, verbs: Readonly<Record<string, LoadVerb>>): Promise<string> {
  if (topic === undefined) return contents;
  if (isTopic(topic)) return pages[topic];
  const load = Object.hasOwn(verbs, topic) ? verbs[topic] : undefined;
  if (!load) throw noSuchPage(topic);
  const parsed = parse([topic, "--help"], await declaredBy({ [topic]: load }), dress);
  return parsed.kind === "print" ? parsed.text : "";
}

const contents = `Pages:
${Object.entries(topics)
  .map(([topic, brief]) => `  devlatch help ${topic.padEnd(11)} ${brief}`)
  .join("\n")}

  devlatch help VERB        the help of a verb, as devlatch VERB --help
  devlatch --help           all verbs`;

function noSuchPage(topic: string): DevlatchError {
  return new DevlatchError(
    "INVALID_INPUT",
    `There is no page and no verb "${printable(topic)}".`,
    `Pages: ${Object.keys(topics).join(", ")}. All verbs: devlatch --help`,
  );
}
