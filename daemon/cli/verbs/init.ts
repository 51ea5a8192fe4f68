import * as z from "zod";
import { none } from "../../../shared/operations/fields.ts";
import { steps } from "../../../shared/operations/operation.ts";
import type { Context } from "../context.ts";
import { carryOut } from "../init/carry-out.ts";
import { type ClientName, clientNames } from "../init/clients.ts";
import { diffOf } from "../init/diff.ts";
import { type Job, jobOf } from "../init/job.ts";
import { type Plan, planChanges } from "../init/plan.ts";
import { actionOf, diffsText, leftLines, writtenText } from "../init/words.ts";
import { printable, uncut } from "../output/style.ts";
import { confirm } from "./consent.ts";
import { type Report, verb } from "./verb.ts";

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

export const init = verb(declared, async (input, context) => {
  const { remove = false, user = false, script = false, yes = false } = input;
  const named = clientNames.filter((name) => input.for?.split(",").includes(name));
  const agents: readonly ClientName[] | undefined = input.for === undefined ? undefined : named;
  const job = await jobOf({ remove, user, script, agents }, context);
  const plan = await planChanges(job.base, job.parts, job.direction);
  for (const note of job.notes) context.output.note(printable(note));
  if (plan.changes.length === 0) return nothingToDo(job, plan);
  const isAsked = !yes && context.output.dialogue !== undefined;
  if (!yes && !isAsked) return shownOnly(job, plan, context);
  const diffs = diffsText(plan.changes, uncut(context.output.paintError));
  if (isAsked) context.output.ask(diffs);
  else context.output.note(diffs);
  const count = plan.changes.length === 1 ? "this change" : `these ${plan.changes.length} changes`;
  if (isAsked && !(await confirm(context, `\nMake ${count} in ${printable(job.base)}?`)))
    return report(job, plan, { outcome: "declined", text: "Nothing was written.", exitCode: 3 });
  return write(job, plan, context);
});

function nothingToDo(job: Job, plan: Plan): Report {
  const what =
    job.direction === "take"
      ? `Nothing of init's is in ${printable(job.base)}`
      : plan.left.length === 0
        ? `All is set up in ${printable(job.base)}: ${plan.done.join(", ")}`
        : "Nothing was written.";
  return report(job, plan, { outcome: "unchanged", text: [what, ...leftLines(plan.left)].join("\n") });
}

/** Where no one can be asked: what would be written, and how to have it written. */
function shownOnly(job: Job, plan: Plan, { output }: Context): Report {
  const flags = [job.direction === "take" ? " --remove" : "", job.scope === "user" ? " --user" : ""].join("");
  const text = [
    diffsText(plan.changes, output.paint),
    "",
    ...leftLines(plan.left),
    `Nothing was written: there is no terminal to ask on. To make these changes: devlatch init${flags} --yes`,
  ];
  return report(job, plan, { outcome: "shown", text: text.join("\n"), exitCode: 3 });
}

async function write(job: Job, plan: Plan, context: Context): Promise<Report> {
  const { written, failed } = await carryOut(job, plan.changes, context);
  const failures = failed.map(({ path, error }) => printable(`Not written: ${path}: ${error.message}`));
  const text = [writtenText(written, plan), ...failures].filter(Boolean).join("\n");
  const exit = failed.length === 0 ? {} : { exitCode: 1 };
  return report(job, plan, { outcome: "written", text, ...exit }, { failed });
}

interface Ending {
  readonly outcome: "written" | "unchanged" | "shown" | "declined";
  readonly text: string;
  readonly exitCode?: number;
}

function report(job: Job, plan: Plan, { outcome, text, exitCode }: Ending, more: object = {}): Report {
  const files = plan.changes.map((change) => ({
    ...{ path: change.path, action: actionOf(change), diff: diffOf(change) },
  }));
  const { scope, base, agents, notes } = job;
  return {
    data: {
      outcome,
      scope,
      directory: base,
      agents,
      files,
      left: plan.left,
      unchanged: plan.done,
      notes,
      ...more,
    },
    text,
    ...(exitCode === undefined ? {} : { exitCode }),
  };
}
