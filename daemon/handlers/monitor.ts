import type { Handlers } from "./contract.ts";
import type { Parts } from "./parts.ts";

type MonitorMethods = "monitor/concurrency" | "monitor/metrics";

export function monitorHandlers({ monitor }: Parts): Pick<Handlers, MonitorMethods> {
  return {
    "monitor/concurrency": () => monitor.check(),
    "monitor/metrics": async () => {
      await monitor.check();
      return { text: monitor.metrics() };
    },
  };
}
