import * as z from "zod";

export const HealthStatus = z.enum(["healthy", "warning", "critical", "unknown"]);
export type HealthStatus = z.infer<typeof HealthStatus>;

/** One checked component: how it is, in words, and how long the check took. */
export const HealthComponent = z.object({
  status: HealthStatus,
  summary: z.string(),
  latencyMs: z.number(),
});
export type HealthComponent = z.infer<typeof HealthComponent>;

export const HealthReport = z.object({
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

const order: readonly HealthStatus[] = ["healthy", "unknown", "warning", "critical"];

/** The worst of several states; nothing at all is healthy. */
export function worstStatus(statuses: readonly HealthStatus[]): HealthStatus {
  return statuses.reduce(
    (worst, one) => (order.indexOf(one) > order.indexOf(worst) ? one : worst),
    "healthy",
  );
}
