import type { HealthComponentName, HealthReport } from "../../shared/model/health.ts";
import type { TestHome } from "../support/home.ts";
import { waitFor } from "../support/wait.ts";
import { runJson } from "./json.ts";

/** Asks a home's daemon how everything is. */
export interface HealthAsker {
  /** One check. */
  check(): Promise<HealthReport>;
  /** Checks until the component is in this state. */
  until(name: HealthComponentName, status: string, timeoutMs?: number): Promise<HealthReport>;
}

export function healthOf(home: TestHome, env: NodeJS.ProcessEnv = {}): HealthAsker {
  const check = () => runJson<HealthReport>(["health"], { home, env });
  return {
    check,
    until: (name, status, timeoutMs = 30_000) => {
      let last: HealthReport | undefined;
      const isThere = async () => {
        last = await check();
        return last.components[name].status === status && last;
      };
      const describe = () => JSON.stringify(last?.components[name], null, 2);
      return waitFor(`${name} to be ${status}`, isThere, { timeoutMs, intervalMs: 200, describe });
    },
  };
}

/** The states of all components but one. */
export function othersOf(
  { components }: HealthReport,
  ...except: readonly HealthComponentName[]
): Record<string, string> {
  const others = Object.entries(components).filter(([name]) => !except.some((one) => one === name));
  return Object.fromEntries(others.map(([name, { status }]) => [name, status]));
}
