import * as z from "zod";

/** `unknown`: it could not be found out. That is neither healthy nor an alarm. */
export const HealthStatus = z.enum(["healthy", "unknown", "warning", "critical"]);
export type HealthStatus = z.infer<typeof HealthStatus>;

/** One thing of a component that isn't healthy. */
export const HealthFinding = z.object({
  /** The same as long as it is about the same thing, e.g. `cpu` or `server:sb_1/web`. */
  id: z.string(),
  status: HealthStatus,
  summary: z.string(),
  /** Since when it is in this state, in milliseconds since the epoch. */
  since: z.number(),
  /** It may pass by itself, as a busy CPU does: shown, but it counts for nothing until it lasts. */
  passing: z.literal(true).optional(),
});
export type HealthFinding = z.infer<typeof HealthFinding>;

/** Something measured that is compared with thresholds. */
export const HealthMeasure = z.object({
  id: z.string(),
  /** With its figure. */
  words: z.string(),
  unit: z.enum(["ms", "%"]),
  /** From where on it is a warning, and critical, in its unit. */
  warning: z.number(),
  critical: z.number(),
});
export type HealthMeasure = z.infer<typeof HealthMeasure>;

/** One checked component: how it is, in words, and how long the check took. */
export const HealthComponent = z.object({
  /** The worst of its findings; see {@link lastingStatus} for what counts. */
  status: HealthStatus,
  summary: z.string(),
  latencyMs: z.number(),
  /** Since when it is in this state, in milliseconds since the epoch. */
  since: z.number().optional(),
  /** When it was looked at last, in milliseconds since the epoch; absent before the first look. */
  checkedAt: z.number().optional(),
  /** What isn't healthy, the worst first. */
  findings: z.array(HealthFinding).optional(),
  /** What its state follows from, as far as that was measured. */
  measures: z.array(HealthMeasure).optional(),
  /** What was measured, e.g. `cpu` as a share of 1. */
  values: z.record(z.string(), z.number()).optional(),
});
export type HealthComponent = z.infer<typeof HealthComponent>;

export const HealthReport = z.object({
  /** The worst of what counts; see {@link lastingStatus}. */
  status: HealthStatus,
  components: z.object({
    store: HealthComponent,
    database: HealthComponent,
    concurrency: HealthComponent,
    resources: HealthComponent,
    servers: HealthComponent,
  }),
  /** Milliseconds since the epoch. */
  checkedAt: z.number(),
});
export type HealthReport = z.infer<typeof HealthReport>;
export type HealthComponentName = keyof HealthReport["components"];

/** The components in the order they are shown. */
export const healthComponents = ["store", "database", "concurrency", "resources", "servers"] as const;
export const HealthComponentName = z.enum(healthComponents);

const order = HealthStatus.options;

/** How bad it is, from 0 for healthy. */
export function severityOf(status: HealthStatus): number {
  return order.indexOf(status);
}

/** The worst of several states; nothing at all is healthy. */
export function worstStatus(statuses: readonly HealthStatus[]): HealthStatus {
  return statuses.reduce((worst, one) => (severityOf(one) > severityOf(worst) ? one : worst), "healthy");
}

/** The state that counts for the whole, for alerts, journal and history: what may just pass is left out. */
export function lastingStatus({ status, findings = [] }: HealthComponent): HealthStatus {
  const isPassing = findings.some(({ passing }) => passing);
  if (!isPassing) return status;
  return worstStatus(findings.filter(({ passing }) => !passing).map((finding) => finding.status));
}
