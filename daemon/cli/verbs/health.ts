import { formatMs } from "../../../shared/base/deadline.ts";
import type { HealthComponent, HealthFinding, HealthReport } from "../../../shared/model/health.ts";
import type { HealthSample } from "../../../shared/model/health-history.ts";
import { detect as detectOperation } from "../../../shared/operations/detect.ts";
import { health as healthOperation } from "../../../shared/operations/health.ts";
import type { OperationInput } from "../../../shared/operations/operations.ts";
import type { Params } from "../../../shared/protocol/methods.ts";
import type { Context } from "../context.ts";
import { healthWord } from "../output/health-word.ts";
import { type Paint, printable } from "../output/style.ts";
import { table } from "../output/table.ts";
import { widthOf } from "../output/width.ts";
import { historyText } from "./health-history.ts";
import { verb } from "./verb.ts";

/** Columns of a report that stand before a summary. */
const beforeSummary = 37;

const { check, history } = healthOperation.requests;

export const health = verb(healthOperation, async (input, context) => {
  if (input.history || input.since !== undefined) return past(input, context);
  const report = await context.ask(check, {});
  const own = hasSeveral(report.components.servers) ? await sandboxHere(context) : undefined;
  return { data: report, text: healthText(report, context.output.paint, own) };
});

/** The sandbox of the caller's directory; undefined where that can't be told now. */
function sandboxHere(context: Context): Promise<string | undefined> {
  return context.ask(detectOperation.requests.directory, {}).then(
    ({ sandboxId }) => sandboxId,
    () => undefined,
  );
}

async function past(input: OperationInput<"health">, context: Context) {
  const params = history.params(input, context.caller);
  const { from = 0, to = 0 } = params;
  const samples = await allSamples(params, context);
  return { data: { from, to, samples }, text: historyText(samples, { from, to }, context.output.paint) };
}

async function allSamples(params: Params<"health/history">, context: Context): Promise<HealthSample[]> {
  const connection = await context.ensure();
  const samples: HealthSample[] = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await connection.request(history.method, { ...params, cursor }, { signal: context.signal });
    samples.push(...page.samples);
    cursor = page.next;
  }
  return samples;
}

/** A health report, for people. @param own the sandbox whose servers come first */
function healthText(report: HealthReport, paint: Paint, own: string | undefined): string {
  const all = Object.entries(report.components);
  const rows = all.map(([name, component]) => [
    name,
    healthWord(component.status, paint),
    formatMs(component.latencyMs),
    hasSeveral(component) ? `${component.findings?.length} things, below` : printable(component.summary),
  ]);
  const heads = ["COMPONENT", "STATUS", "CHECK TOOK", "SUMMARY"];
  const several = all.filter(([, component]) => hasSeveral(component));
  // What is wrong is said in full, also where the table has no room for it.
  const long = all.filter(([, component]) => !hasSeveral(component) && isCut(component, paint));
  return [
    `Health: ${healthWord(report.status, paint)}\n${table(heads, rows, paint)}`,
    ...several.map(([name, component]) => `\n${name}:\n${findingLines(component, paint, own)}`),
    ...long.map(([name, { summary }]) => `\n${name}:\n  ${printable(summary)}`),
  ].join("\n");
}

function isCut({ status, summary }: HealthComponent, { columns }: Paint): boolean {
  return status !== "healthy" && columns !== undefined && widthOf(summary) > columns - beforeSummary;
}

function hasSeveral({ findings = [] }: HealthComponent): boolean {
  return findings.length > 1;
}

function findingLines({ findings = [] }: HealthComponent, paint: Paint, own: string | undefined): string {
  const isOwn = ({ id }: HealthFinding) => own !== undefined && id.startsWith(`server:${own}/`);
  const sorted = [...findings.filter(isOwn), ...findings.filter((one) => !isOwn(one))];
  return sorted
    .map(({ status, summary }) => `  ${healthWord(status, paint)}  ${printable(summary)}`)
    .join("\n");
}
