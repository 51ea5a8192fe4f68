import * as z from "zod";
import { DevlatchError } from "../base/errors.ts";
import type { RunOutcome, RunStartResult } from "../protocol/runs.ts";
import { foreign, paragraphs, shortLine, type ToolAnswer, untrusted } from "./answer.ts";
import type { Here } from "./asking.ts";

/** How long one question waits for output, in milliseconds. */
const waitMs = 20_000;
/** Lines asked for at once, and most that are kept to choose from. */
const pageLines = 1_000;

/** Where to go on with the output of one execution. */
export const runCursor = z.string().max(200).optional().describe("Go on with an earlier answer");

/** One execution, and from where its output is read. */
export interface Execution {
  readonly key: string;
  readonly launchId: string;
  readonly from: number;
  /** What came of the call; undefined where an earlier call is gone on with. */
  readonly how?: RunStartResult["outcome"];
  /** Whether its output can be read here. */
  readonly readable: boolean;
}

/** What was read of it. */
export interface ReadOutput {
  readonly messages: readonly { readonly seq: number; readonly text: string }[];
  /** Undefined while it goes on. */
  readonly outcome: RunOutcome | undefined;
  readonly next: number;
}

/** @throws DevlatchError `INVALID_INPUT` */
export function cursorOf(cursor: string): Omit<Execution, "key"> {
  const [, launchId, from] = /^([\w.-]+)@(\d{1,15})$/.exec(cursor) ?? [];
  if (launchId !== undefined && from !== undefined) return { launchId, from: Number(from), readable: true };
  throw new DevlatchError("INVALID_INPUT", "That cursor is of no run.", "Call again without it.");
}

/**
 * Reads its output until it is over, or the patience is: it goes on then.
 * @param patience in seconds
 * @throws DevlatchError what the daemon says; the signal's reason
 */
export async function followed(
  { key, launchId, from, readable }: Execution,
  patience: number,
  { cwd, caller }: Here,
): Promise<ReadOutput> {
  const until = performance.now() + patience * 1_000;
  let messages: ReadOutput["messages"] = [];
  for (let cursor = from; ; ) {
    const left = Math.max(0, Math.min(waitMs, until - performance.now()));
    const place = { cwd, key, launchId, waitMs: left };
    const page = readable
      ? await caller.sender.request(
          "run/output",
          { ...place, cursor, limit: pageLines },
          { signal: caller.signal },
        )
      : await unreadable(place, caller);
    messages = [...messages, ...page.messages.filter(({ kind }) => kind === "output")].slice(-pageLines);
    cursor = page.next;
    const isOver = performance.now() >= until && page.messages.length === 0;
    if (page.outcome !== undefined || isOver) return { messages, outcome: page.outcome, next: cursor };
    const last = messages.at(-1);
    if (last !== undefined) caller.progress(shortLine(last.text));
  }
}

/** Of one on another machine only the end can be had. */
async function unreadable(
  place: { readonly cwd: string; readonly key: string; readonly launchId: string; readonly waitMs: number },
  { sender, signal }: Here["caller"],
) {
  const outcome = (await sender.request("run/wait", place, { signal })) ?? undefined;
  return { messages: [], outcome, next: 0 };
}

/** @param keep the end of its output that is worth more where not all fits */
export function runAnswer(
  script: string,
  { launchId, how }: Execution,
  { messages, outcome, next }: ReadOutput,
  keep: "first" | "last",
): ToolAnswer {
  const { lines, dropped } = foreign(
    messages.map(({ text }) => text),
    keep,
  );
  const reached = keep === "first" && dropped > 0 ? (messages[lines.length - 1]?.seq ?? next) : next;
  const isMore = outcome === undefined || reached < next;
  const cursor = isMore ? `${launchId}@${reached}` : undefined;
  const start = keep === "last" && dropped > 0 ? `${launchId}@0` : undefined;
  const exitCode = outcome?.kind === "ended" ? outcome.exitCode : undefined;
  const state = exitCode === undefined ? "goes on" : `exit code ${exitCode}`;
  return {
    text: paragraphs(
      `${script}: ${state}${how === undefined ? "" : ` (${how})`}`,
      cursor === undefined ? "" : `To go on: cursor ${cursor}`,
      start === undefined ? "" : `${dropped} earlier lines: cursor ${start}`,
      untrusted(`output of ${script}`, { lines, dropped }),
    ),
    data: {
      ...{ script, state: exitCode === undefined ? "running" : "ended", exitCode, outcome: how },
      ...{ cursor, fromStart: start, untrustedOutput: lines },
    },
  };
}
