import type { Health } from "../health/health.ts";
import type { Handlers } from "./handlers.ts";

type HealthMethods = "health/check" | "health/history" | "health/configure";

export function healthMethods(health: Health): Pick<Handlers, HealthMethods> {
  return {
    "health/check": () => health.check(),
    "health/history": async (request) => health.history(request),
    "health/configure": async ({ thresholds }) => {
      health.configure(thresholds);
      return {};
    },
  };
}
