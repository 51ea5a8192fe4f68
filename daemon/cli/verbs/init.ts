import * as z from "zod";
import { none } from "../../../shared/operations/fields.ts";
import { steps } from "../../../shared/operations/operation.ts";
import { clientNames } from "../init/client-names.ts";
import { verb } from "./verb.ts";

const agent = clientNames.join("|");

const declared = steps({
  summary: "Set a repository up for coding agents, showing each file's change first, or take it out again.",
  args: none,
  options: z.object({
    remove: z.boolean().optional().describe("Take out again all that init put in"),
    user: z
      .boolean()
      .optional()
      .describe("For your own agents, in your home directory, instead of a repository"),
    for: z
      .string()
      .regex(new RegExp(`^(?:${agent})(?:,(?:${agent}))*$`), `must name some of ${clientNames.join(", ")}`)
      .optional()
      .describe(`Agents, with commas between: ${clientNames.join(", ")}; by default those that are found`),
    script: z.boolean().optional().describe('Also run the script "dev" of package.json through devlatch dev'),
    yes: z.boolean().optional().describe("Write without asking"),
  }),
  palette: null,
  requests: {},
});

/** What it works with is loaded when it runs: help needs the declaration alone. */
export const init = verb(declared, async (input, context) => {
  const { remove = false, user = false, script = false, yes = false } = input;
  const named = clientNames.filter((name) => input.for?.split(",").includes(name));
  const agents = input.for === undefined ? undefined : named;
  const { setUp } = await import("../init/run.ts");
  return setUp({ remove, user, script, agents }, yes, context);
});
