import type { HealthStatus } from "../../../shared/model/health.ts";
import type { Paint } from "./style.ts";

const colours = { healthy: "green", warning: "yellow", critical: "red", unknown: "dim" } as const;

export function healthWord(status: HealthStatus, paint: Paint): string {
  return paint(colours[status], status);
}
