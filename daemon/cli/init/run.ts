import type { Context } from "../context.ts";
import { printable, uncut } from "../output/style.ts";
import { confirm } from "../verbs/consent.ts";
import type { Report } from "../verbs/verb.ts";
import { carryOut } from "./carry-out.ts";
import { diffOf } from "./diff.ts";
import { type Job, jobOf, type Wishes } from "./job.ts";
import { type Plan, planChanges } from "./plan.ts";
import { actionOf, diffsText, leftLines, writtenText } from "./words.ts";

/**
 * Sets up or takes out: shows what that changes, asks, and does it.
 * @param yes whether the caller agrees unseen
 * @throws DevlatchError see `jobOf` and `carryOut`
 */
export async function setUp(wishes: Wishes, yes: boolean, context: Context): Promise<Report> {
  const job = await jobOf(wishes, context);
  const plan = await planChanges(job.base, job.parts, job.direction);
  for (const note of job.notes) context.output.note(printable(note));
  if (plan.changes.length === 0) return nothingToDo(job, plan);
  const isAsked = !yes && context.output.dialogue !== undefined;
  if (!yes && !isAsked) return shownOnly(job, plan, wishes, context);
  const diffs = diffsText(plan.changes, uncut(context.output.paintError));
  if (isAsked) context.output.ask(diffs);
  else context.output.note(diffs);
  const count = plan.changes.length === 1 ? "this change" : `these ${plan.changes.length} changes`;
  if (isAsked && !(await confirm(context, `\nMake ${count} in ${printable(job.base)}?`)))
    return report(job, plan, { outcome: "declined", text: "Nothing was written.", exitCode: 3 });
  return write(job, plan, context);
}

function nothingToDo(job: Job, plan: Plan): Report {
  return report(job, plan, {
    outcome: "unchanged",
    text: [unchangedText(job, plan), ...leftLines(plan.left)].join("\n"),
  });
}

function unchangedText({ base, direction }: Job, { done, left }: Plan): string {
  const place = printable(base);
  if (direction === "take") return `Nothing of init's is in ${place}`;
  if (done.length > 0 && left.length === 0) return `All is set up in ${place}: ${done.join(", ")}`;
  return `Nothing is to be written in ${place}`;
}

/** Where no one can be asked: what would be written, and how to have it written. */
function shownOnly(job: Job, plan: Plan, wishes: Wishes, { output }: Context): Report {
  const line = `devlatch init${flagsOf(wishes)} --yes`;
  const text = [
    diffsText(plan.changes, output.paint),
    "",
    ...leftLines(plan.left),
    `Nothing was written: there is no terminal to ask on. To make these changes: ${line}`,
  ];
  return report(job, plan, { outcome: "shown", text: text.join("\n"), exitCode: 3 });
}

/** What was asked for, as it is typed. */
function flagsOf({ remove, user, script, agents }: Wishes): string {
  const flags = { "--remove": remove, "--user": user, "--script": script };
  const set = Object.entries(flags).flatMap(([flag, isSet]) => (isSet ? [` ${flag}`] : []));
  return set.join("") + (agents === undefined ? "" : ` --for ${agents.join(",")}`);
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
