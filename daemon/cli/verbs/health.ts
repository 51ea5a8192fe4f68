import { formatMs } from "../../../shared/base/deadline.ts";
import type {
  HealthComponent,
  HealthFinding,
  HealthReport,
  HealthStatus,
} from "../../../shared/model/health.ts";
import type { HealthSample } from "../../../shared/model/health-history.ts";
import { type OperationInput, operations } from "../../../shared/operations/operations.ts";
import type { Params } from "../../../shared/protocol/methods.ts";
import type { Context } from "../context.ts";
import { type Paint, printable } from "../output/style.ts";
import { table } from "../output/table.ts";
import { historyText } from "./health-history.ts";
import { verb } from "./verb.ts";

const colours = { healthy: "green", warning: "yellow", critical: "red", unknown: "dim" } as const;
const { check, history } = operations.health.requests;

export const health = verb(operations.health, async (input, context) => {
  if (input.history || input.since !== undefined) return past(input, context);
  const report = await context.ask(check, {});
  const own = hasSeveral(report.components.servers) ? await sandboxHere(context) : undefined;
  return { data: report, text: healthText(report, context.output.paint, own) };
});

/** The sandbox of the caller's directory; undefined where that can't be told now. */
function sandboxHere(context: Context): Promise<string | undefined> {
  return context.ask(operations.detect.requests.directory, {}).then(
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
    statusText(component.status, paint),
    formatMs(component.latencyMs),
    hasSeveral(component) ? `${component.findings?.length} things, below` : printable(component.summary),
  ]);
  const heads = ["COMPONENT", "STATUS", "CHECK TOOK", "SUMMARY"];
  const several = all.filter(([, component]) => hasSeveral(component));
  return [
    `Health: ${statusText(report.status, paint)}\n${table(heads, rows, paint)}`,
    ...several.map(([name, component]) => `\n${name}:\n${findingLines(component, paint, own)}`),
  ].join("\n");
}

function hasSeveral({ findings = [] }: HealthComponent): boolean {
  return findings.length > 1;
}

function findingLines({ findings = [] }: HealthComponent, paint: Paint, own: string | undefined): string {
  const isOwn = ({ id }: HealthFinding) => own !== undefined && id.startsWith(`server:${own}/`);
  const sorted = [...findings.filter(isOwn), ...findings.filter((one) => !isOwn(one))];
  return sorted
    .map(({ status, summary }) => `  ${statusText(status, paint)}  ${printable(summary)}`)
    .join("\n");
}

export function statusText(status: HealthStatus, paint: Paint): string {
  return paint(colours[status], status);
}
