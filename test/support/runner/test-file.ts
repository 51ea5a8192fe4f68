import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { type EventData, run } from "node:test";
import { spec } from "node:test/reporters";
import { formatMs } from "../../../shared/base/deadline.ts";
import { fileCookie } from "../env.ts";
import { repository } from "../paths.ts";
import { describeProcesses, endProcesses, processesWith } from "../processes.ts";
import { waitFor } from "../wait.ts";
import { compileCache } from "./compile-cache.ts";
import { nothing, type Totals } from "./totals.ts";

export interface FileOutcome {
  /** Relative to the repository. */
  readonly file: string;
  readonly totals: Totals;
  readonly elapsedMs: number;
  /** The spec report of every test of the file. */
  readonly report: string;
}

/** Processes that are about to exit get this long after the file has ended, in milliseconds. */
const leaveMs = 10_000;

/**
 * Runs one test file in a process of its own. Whatever it leaves running counts as a failure, is named and ended: it
 * is known by a cookie in its environment.
 * @param file relative to the repository
 * @param timeoutMs for the whole file
 */
export async function runTestFile(file: string, timeoutMs: number): Promise<FileOutcome> {
  const begun = performance.now();
  const cookie = randomUUID();
  const register = join(repository, "test/support/register.mjs");
  let totals = nothing;
  const stream = run({
    files: [join(repository, file)],
    concurrency: 1,
    cwd: repository,
    execArgv: [
      // A single hanging test is named; the file as a whole has its own deadline below.
      `--test-timeout=${Math.round(timeoutMs * 0.8)}`,
      "--disable-warning=ExperimentalWarning",
      ...(existsSync(register) ? ["--import", register] : []),
    ],
    env: { ...process.env, NODE_COMPILE_CACHE: compileCache, [fileCookie]: cookie },
  });
  const deadline = endAfter(timeoutMs, cookie);
  stream.on("test:summary", (summary) => {
    totals = count(summary) ?? totals;
  });
  const report = await text(stream.compose(new spec()));
  deadline.cancel();
  const left = await endLeftovers(cookie);
  if (left !== "") totals = { ...totals, failed: totals.failed + 1 };
  const elapsedMs = performance.now() - begun;
  return { file, totals, elapsedMs, report: `${report}${deadline.verdict()}${left}` };
}

/**
 * Ends the file's process, and what it started, when its time is up. (The `timeout` of `run()` covers single tests,
 * and not a file whose event loop is blocked or never empties.)
 */
function endAfter(timeoutMs: number, cookie: string): { cancel(): void; verdict(): string } {
  let verdict = "";
  const timer = setTimeout(() => {
    verdict = `✖ the file took longer than ${formatMs(timeoutMs)} and was ended.\n`;
    endProcesses(() => processesWith(fileCookie, cookie)).catch((error) => {
      verdict += `${error}\n`;
    });
  }, timeoutMs);
  return { cancel: () => clearTimeout(timer), verdict: () => verdict };
}

/** The summary of the whole run; a file that crashes without a failing test still fails. */
function count({ counts, success, file }: EventData.TestSummary): Totals | undefined {
  if (file !== undefined) return undefined;
  const failed = counts.tests - counts.passed - counts.skipped - counts.todo;
  return {
    passed: counts.passed,
    failed: success ? failed : Math.max(1, failed),
    skipped: counts.skipped + counts.todo,
  };
}

/** @returns what was left running, in words; empty if nothing was */
async function endLeftovers(cookie: string): Promise<string> {
  if (process.platform !== "linux") return "";
  const find = () => processesWith(fileCookie, cookie);
  const gone = await waitFor("the file's processes to end", () => find().length === 0, {
    timeoutMs: leaveMs,
  }).catch(() => false);
  if (gone) return "";
  const left = find();
  if (left.length === 0) return "";
  await endProcesses(find);
  return `✖ the file left processes running (ended now):\n${describeProcesses(left)}\n`;
}
