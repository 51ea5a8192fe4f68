import type { HealthComponent, HealthStatus } from "../../shared/model/health.ts";

/** One component's check. It reacts to the signal; what it throws becomes `critical` with the error's words. */
export type Check = (signal: AbortSignal) => Promise<Omit<HealthComponent, "latencyMs">>;

/** A server to look at: what health needs of a session. */
export interface CheckedServer {
  readonly session: string;
  readonly app: string;
  readonly state: "ready" | "failed" | "other";
  readonly url?: string;
}

export function verdict(status: HealthStatus, summary: string): Omit<HealthComponent, "latencyMs"> {
  return { status, summary };
}
