import { renameSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { type CaseResult, resultsVariable, type SuiteResult } from "./protocol.ts";

/** One case: what it claims is its name; it fails by throwing. */
export type Case = (signal: AbortSignal) => void | Promise<void>;

/** Cases by their claims. */
export type Cases = Readonly<Record<string, Case>>;

/**
 * The `run()` that VS Code calls in a tests module, inside the extension host. Cases run one after the other, each
 * under its own deadline; the results so far are in the file named by `DEVLATCH_TEST_RESULTS` after every case, so
 * that a hanging or crashing host shows how far it came.
 * @param caseTimeoutMs for each case, in milliseconds
 */
export function suite(cases: Cases, caseTimeoutMs = 180_000): () => Promise<void> {
  return async () => {
    const file = process.env[resultsVariable];
    if (file === undefined) throw new Error(`${resultsVariable} names no file for the results.`);
    const done: CaseResult[] = [];
    for (const [name, body] of Object.entries(cases)) {
      write(file, { finished: false, running: name, cases: done });
      done.push(await runCase(name, body, caseTimeoutMs));
    }
    write(file, { finished: true, cases: done });
    const failed = done.filter(({ error }) => error !== undefined).length;
    if (failed > 0) throw new Error(`${failed} of ${done.length} cases failed; see ${basename(file)}.`);
  };
}

async function runCase(name: string, body: Case, timeoutMs: number): Promise<CaseResult> {
  const begun = performance.now();
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const error = new Error(`The case took longer than ${timeoutMs} ms.`);
      controller.abort(error);
      reject(error);
    }, timeoutMs);
  });
  try {
    await Promise.race([Promise.resolve(body(controller.signal)), expired]);
    return { name, durationMs: performance.now() - begun };
  } catch (error) {
    return { name, durationMs: performance.now() - begun, error: describe(error) };
  } finally {
    clearTimeout(timer);
  }
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.stack?.includes(error.message) === true
    ? error.stack
    : `${error.message}\n${error.stack ?? ""}`;
}

/** A reader never sees half a document. */
function write(file: string, result: SuiteResult): void {
  writeFileSync(`${file}.tmp`, JSON.stringify(result));
  renameSync(`${file}.tmp`, file);
}
