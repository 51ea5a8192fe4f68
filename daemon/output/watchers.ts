import type { OutputEvent, SourcePlace } from "../../shared/model/output.ts";
import { OutputReader } from "./output-reader.ts";
import { Prefixes } from "./prefixes.ts";

// Every pattern is anchored and has bounded repetitions, as those of `heads.ts`.

/** What a watcher says when the program that it runs has ended: it starts it again when files change. */
const ended = [
  /^\[nodemon\] (?:app crashed|clean exit) - waiting for /,
  /^(?:Failed|Completed) running '.{1,300}'/,
  /^Watcher Process (?:failed|finished)\. Restarting on file change/,
  /^\[Finished running\. Exit status: -?\d{1,10}\]/,
  /^\[Command (?:exited with|was killed by|was successful)\b/,
];
/** What it says when it starts the program again. */
const begun = [
  /^\[nodemon\] (?:re)?starting /,
  /^Restarting '.{1,300}'/,
  /^Change detected in /,
  /^\[tsx\] (?:rerunning|change in )/i,
  /^(?:\[INFO\] )?(?:\d{1,2}:\d{2}:\d{2} )?Restarting: /,
  /^Watcher (?:Process started|Restarting!)/,
  /^\[Running[: ]/,
  /^File change detected\. Starting incremental compilation/,
  /^Starting compilation in watch mode/,
];
/** The last line of Node.js where an error wasn't caught. */
const uncaught = /^Node\.js v\d{1,3}\.\d{1,4}\.\d{1,4}$/;
/** What a compiler in watch mode says of errors: what starts the program once all compiled doesn't start it. */
const uncompiled = /^Found [1-9]\d{0,6} errors?\. Watching for file changes/;
/** `[ERROR] 12:38:05 Error: boom`, as `ts-node-dev` says it. */
const reported = /^\[ERROR\] \d{1,2}:\d{2}:\d{2} (?=\S)/;

/** The end of a watched program, as the output tells it. */
export interface SeenCrash {
  /**
   * `told`: the watcher itself said that it waits; `shown`: the program's own last words, which others may say, too;
   * `uncompiled`: a compiler found errors, which ends nothing where the program runs all the same.
   */
  readonly proof: "told" | "shown" | "uncompiled";
  /** The part of a server that it is of, where a runner names it. */
  readonly source?: string;
  /** What it ended with, where that was said. */
  readonly message?: string;
  readonly place?: SourcePlace;
}

interface Word {
  readonly at: number;
  readonly is: SeenCrash["proof"] | "begun";
  readonly source: string | undefined;
}

/**
 * Whether the program that a watcher runs has ended, by the last lines of a launch: undefined where it runs, was started
 * again since, or nothing is said of it.
 */
export function lastCrash(lines: readonly string[]): SeenCrash | undefined {
  const words = wordsOf(lines);
  const last = words.at(-1);
  if (last === undefined || last.is === "begun") return undefined;
  const from = words.findLast(({ is }) => is === "begun")?.at ?? 0;
  // A heading may stand above what it is about.
  const error = lastError(lines.slice(from, last.is === "shown" ? undefined : last.at + 1));
  const { source } = last;
  return {
    proof: words.some(({ is, at }) => is === "told" && at >= from) ? "told" : last.is,
    ...(source === undefined ? {} : { source }),
    ...(error === undefined ? {} : { message: error.message }),
    ...(error?.place === undefined ? {} : { place: error.place }),
  };
}

function wordsOf(lines: readonly string[]): readonly Word[] {
  const prefixes = new Prefixes();
  return lines.flatMap((line, at) => {
    const { source, text } = prefixes.strip(line.slice(0, 1_000));
    const is = wordIn(text.trimEnd());
    return is === undefined ? [] : [{ at, is, source }];
  });
}

function wordIn(text: string): Word["is"] | undefined {
  if (ended.some((pattern) => pattern.test(text))) return "told";
  if (begun.some((pattern) => pattern.test(text))) return "begun";
  if (uncompiled.test(text)) return "uncompiled";
  return uncaught.test(text) || reported.test(text) ? "shown" : undefined;
}

/** What it ended with: the last error with a place, else the last one. */
function lastError(lines: readonly string[]): Extract<OutputEvent, { kind: "error" }> | undefined {
  const reader = new OutputReader();
  const said = lines.map((text, at) => ({ seq: at + 1, time: 0, text: text.replace(reported, "") }));
  const errors = [...reader.push(said), ...reader.flush()].filter((signal) => signal.kind === "error");
  return errors.findLast(({ place }) => place !== undefined) ?? errors.at(-1);
}
