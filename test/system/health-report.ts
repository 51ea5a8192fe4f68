import { type HealthComponentName, type HealthReport, lastingStatus } from "../../shared/model/health.ts";
import type { TestHome } from "../support/home.ts";
import { runJson } from "../support/json.ts";
import { patienceMs, waitFor } from "../support/wait.ts";

/** Asks a home's daemon how everything is. */
export interface HealthAsker {
  /** One check. */
  check(): Promise<HealthReport>;
  /** Checks until the component is in this state, less what just passes: a machine that runs tests is busy. */
  until(name: HealthComponentName, status: string, timeoutMs?: number): Promise<HealthReport>;
}

export function healthOf(home: TestHome, env: NodeJS.ProcessEnv = {}): HealthAsker {
  const check = () => runJson<HealthReport>(["health"], { home, env });
  return {
    check,
    until: (name, status, timeoutMs = patienceMs) => {
      let last: HealthReport | undefined;
      const isThere = async () => {
        last = await check();
        return lastingStatus(last.components[name]) === status && last;
      };
      const describe = () => JSON.stringify(last?.components[name], null, 2);
      return waitFor(`${name} to be ${status}`, isThere, { timeoutMs, intervalMs: 200, describe });
    },
  };
}

/** The states of all components but some, less what just passes. */
export function othersOf(
  { components }: HealthReport,
  ...except: readonly HealthComponentName[]
): Record<string, string> {
  const others = Object.entries(components).filter(([name]) => !except.some((one) => one === name));
  return Object.fromEntries(others.map(([name, component]) => [name, lastingStatus(component)]));
}
