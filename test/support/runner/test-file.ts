import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { join, relative } from "node:path";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { run } from "node:test";
import { spec } from "node:test/reporters";
import { formatMs } from "../../../shared/base/deadline.ts";
import { fileCookie } from "../env.ts";
import { repository } from "../paths.ts";
import { describeProcesses, endProcesses, processesWith } from "../processes.ts";
import { waitFor } from "../wait.ts";
import { nothing, type Totals } from "./totals.ts";

export interface FileOutcome {
  /** Relative to the repository. */
  readonly file: string;
  readonly totals: Totals;
  readonly elapsedMs: number;
  /** The spec report of every test of the file. */
  readonly report: string;
}

type Event = { type: string; data: unknown };

/** Processes that are about to exit get this long after the file has ended, in milliseconds. */
const leaveMs = 3000;

/**
 * Runs one test file in a process of its own. Whatever it leaves running counts as a failure, is named and ended: it
 * is known by a cookie in its environment.
 * @param timeoutMs for the whole file
 */
export async function runTestFile(path: string, timeoutMs: number): Promise<FileOutcome> {
  const begun = performance.now();
  const file = relative(repository, path);
  const cookie = randomUUID();
  const register = join(repository, "test/support/register.mjs");
  const events: Event[] = [];
  let totals = nothing;
  const stream = run({
    files: [path],
    concurrency: 1,
    cwd: repository,
    execArgv: [
      // A single hanging test is named; the file as a whole has its own deadline below.
      `--test-timeout=${Math.round(timeoutMs * 0.8)}`,
      "--disable-warning=ExperimentalWarning",
      ...(existsSync(register) ? ["--import", register] : []),
    ],
    env: { ...process.env, [fileCookie]: cookie },
  });
  const deadline = endAfter(timeoutMs, cookie);
  for await (const event of stream as AsyncIterable<Event>) {
    events.push(event);
    if (event.type === "test:summary") totals = count(event.data) ?? totals;
  }
  deadline.cancel();
  const report = await text(Readable.from(events).pipe(new spec()));
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
function count(summary: unknown): Totals | undefined {
  const { counts, success, file } = summary as {
    counts: { passed: number; failed: number; cancelled: number; skipped: number; todo: number };
    success: boolean;
    file?: string;
  };
  if (file !== undefined) return undefined;
  const failed = counts.failed + counts.cancelled;
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
