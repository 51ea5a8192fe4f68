import { writeSync } from "node:fs";
import { inspect } from "node:util";

/**
 * Writes what went wrong to the host's standard error, `host.log` once it runs. It never throws: on a full disk
 * `console.error` fails, its failure is an uncaught exception, and reporting that fails again, without end.
 */
export function logProblem(problem: unknown): void {
  const text = typeof problem === "string" ? problem : inspect(problem);
  try {
    writeSync(2, `${text}\n`);
  } catch {
    // There is no one to tell.
  }
}
