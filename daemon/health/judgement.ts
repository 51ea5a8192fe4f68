import {
  type HealthComponent,
  type HealthFinding,
  type HealthMeasure,
  type HealthStatus,
  severityOf,
  worstStatus,
} from "../../shared/model/health.ts";
import type { Observation, Reading } from "./check.ts";
import { step, type Track } from "./hysteresis.ts";

/** What is known of a component: of each thing in it what is shown, and the last reading. */
export interface Judgement {
  readonly status: HealthStatus;
  readonly since: number;
  readonly things: ReadonlyMap<string, { readonly track: Track; readonly reading: Reading }>;
}

export const noJudgement: Judgement = { status: "healthy", since: 0, things: new Map() };

/** Two of each server are among them. */
const mostMeasures = 50;

/** A look that failed. */
const unseen = "look";

/**
 * Takes in what a look found; things that it no longer names are over.
 * @param now milliseconds since the epoch
 */
export function judge(
  before: Judgement,
  { readings }: Pick<Observation, "readings">,
  now: number,
): Judgement {
  const things = readings.map((reading) => {
    const track = step(before.things.get(reading.id)?.track, reading, now);
    return [reading.id, { track, reading }] as const;
  });
  return conclude(before, new Map(things), now);
}

/** A look that failed: what was bad before still counts, and nothing counts as healthy. */
export function judgeFailure(before: Judgement, words: string, now: number): Judgement {
  const reading: Reading = { kind: "fact", id: unseen, status: "unknown", words };
  const track = step(before.things.get(unseen)?.track, reading, now);
  return conclude(before, new Map([...before.things, [unseen, { track, reading }]]), now);
}

function conclude(before: Judgement, things: Judgement["things"], now: number): Judgement {
  const status = worstStatus(shownOf(things).map(({ track }) => track.shown));
  return { status, things, since: status === before.status && before.since > 0 ? before.since : now };
}

/** Things that aren't well, less those that have become another. */
function shownOf(things: Judgement["things"]) {
  const isShown = (id: string) => (things.get(id)?.track.shown ?? "healthy") !== "healthy";
  return [...things.values()].filter(
    ({ reading: { id, precedes } }) => isShown(id) && !(precedes !== undefined && isShown(precedes)),
  );
}

/** Whether something may be worse than shown. */
export function isSuspicious({ things }: Judgement): boolean {
  return [...things.values()].some(({ track }) => track.kind === "suspected");
}

/** The component as it is shown. */
export function describe(
  judgement: Judgement,
  { fine, values }: Pick<Observation, "fine" | "values">,
): Pick<HealthComponent, "status" | "summary" | "since" | "findings" | "measures" | "values"> {
  const { status, since } = judgement;
  const findings = findingsOf(judgement);
  const main = findings.length > 0 ? findings.map(({ summary }) => summary).join(" · ") : fine;
  const summary = [main, ...suspicionsOf(judgement)].join(" · ");
  const measures = measuresOf(judgement);
  return { status, summary, since, findings, measures, ...(values === undefined ? {} : { values }) };
}

/** What was measured; of what becomes another thing if it lasts only where that isn't measured yet. */
function measuresOf({ things }: Judgement): HealthMeasure[] {
  return [...things.values()]
    .flatMap(({ reading }) => {
      if (reading.kind !== "measure" || (reading.precedes !== undefined && things.has(reading.precedes)))
        return [];
      const { id, words, unit, threshold } = reading;
      // What may pass is never critical: its threshold is then that of the warning.
      const critical = Number.isFinite(threshold.critical) ? threshold.critical : threshold.warning;
      return [{ id, words, unit, warning: threshold.warning, critical }];
    })
    .slice(0, mostMeasures);
}

function findingsOf({ things }: Judgement): HealthFinding[] {
  return shownOf(things)
    .map(({ track, reading }) => ({
      id: reading.id,
      status: track.shown,
      summary: reading.words,
      since: track.since,
      ...(reading.precedes === undefined ? {} : { passing: true as const }),
    }))
    .sort((one, other) => rankOf(other) - rankOf(one));
}

/** The worst first, what may just pass last. */
function rankOf({ status, passing }: HealthFinding): number {
  return passing ? -1 : severityOf(status);
}

function suspicionsOf({ things }: Judgement): string[] {
  return [...things.values()]
    .filter(({ track }) => track.kind === "suspected" && track.shown === "healthy")
    .map(({ reading }) => `${reading.words} (just now; being watched)`);
}
