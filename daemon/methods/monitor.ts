import type { ConcurrencyMonitor } from "../monitor/monitor.ts";
import type { Handlers } from "./handlers.ts";

type MonitorMethods = "monitor/concurrency" | "monitor/metrics";

export function monitorMethods(monitor: ConcurrencyMonitor): Pick<Handlers, MonitorMethods> {
  return {
    "monitor/concurrency": () => monitor.check(),
    "monitor/metrics": async () => {
      await monitor.check();
      return { text: monitor.metrics() };
    },
  };
}
