import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import type { SessionRecord } from "../../shared/model/session.ts";
import type { Processes, TreeRoot } from "../processes/processes.ts";
import type { SeenCrash } from "./dependencies.ts";

/** Why a server that listens nowhere comes no further by itself. */
export type Standstill =
  /** What serves has crashed, and what watches its files waits for a change. */
  | { readonly kind: "crashed"; readonly crash: SeenCrash }
  /** It asks something on its terminal. */
  | { readonly kind: "asks"; readonly question: string };

/** What is looked at. */
export interface StandstillSources {
  readonly processes: Pick<Processes, "members" | "describe">;
  /** The last lines of this launch's output. */
  readonly tail: () => readonly string[];
  /** The line it hasn't finished yet; empty where there is none. */
  readonly unfinished: () => string;
  /** Changes with every line. */
  readonly lastSeq: () => number;
  readonly crashIn: (lines: readonly string[]) => SeenCrash | undefined;
}

/** Pause between two looks at the output, in milliseconds. */
const lookEveryMs = 100;
/** How long nothing may be written before what could be a pause counts as an end, in milliseconds. */
const quietMs = 2_000;
/** How long a known crash is left alone, in milliseconds; see {@link graceOf}. */
const unchangedGraceMs = 1_500;
const changedGraceMs = 6_000;
/** Longest question shown, in characters. */
const longestQuestion = 300;

const anyOf = (...patterns: readonly RegExp[]) => new RegExp(patterns.map(({ source }) => source).join("|"));

/** Those that compile all files first, and start the program once that went well. */
const compiler = anyOf(
  /(?:^|[\s/\\])tsc-watch(?:\.[cm]?js)?(?:\s|$)/,
  /(?:^|[\s/\\])nest(?:\.js)?\s+start\s(?:.{0,200}\s)?(?:--watch|-w)(?:\s|$)/,
);
/** Programs that run another one and start it again when files change. */
const watcher = anyOf(
  compiler,
  /(?:^|[\s/\\])(?:nodemon|ts-node-dev|tsnd|node-dev|watchexec|cargo-watch|air|reflex)(?:\.[cm]?js)?(?:\s|$)/,
  /(?:^|[\s/\\])tsx(?:[\\/]dist[\\/]cli\.mjs)?\s+watch(?:\s|$)/,
  /(?:^|[\s/\\])(?:node|bun|deno|vite-node(?:\.mjs)?)(?:\s+(?:run|-[^\s=]{1,60}(?:=\S{0,200})?)){0,20}\s+(?:--watch(?:-path)?(?:=\S{1,200})?|--hot|-w)(?:\s|$)/,
);

/** How a question on a terminal ends, or begins. */
const question =
  /(?:[?:›❯»]|\((?:y\/n|Y\/n|y\/N|yes\/no)\)|\[(?:y\/n|Y\/n|y\/N)\])[?:›]?(?:\s+\S{0,20})?$|^[?◆] \S/;

/** Sees that a start stands still: by what is written, and once nothing more is. */
export class StandstillWatch {
  readonly #root: TreeRoot;
  readonly #sources: StandstillSources;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #seen: { readonly mark: string; readonly at: number; readonly crash: SeenCrash | undefined } | undefined;
  #found: Standstill | undefined;

  constructor(root: TreeRoot, sources: StandstillSources) {
    this.#root = root;
    this.#sources = sources;
  }

  /**
   * For a tree that listens nowhere. Reads at most some times a second; in between it says what it said.
   * @param now by the monotonic clock, in milliseconds
   */
  async look(now: number): Promise<Standstill | undefined> {
    if (now - this.#lookedAt < lookEveryMs) return this.#found;
    this.#lookedAt = now;
    this.#found = await this.#judge(now);
    return this.#found;
  }

  async #judge(now: number): Promise<Standstill | undefined> {
    const { unfinished, lastSeq, tail, crashIn } = this.#sources;
    const rest = unfinished().trim();
    const mark = `${lastSeq()} ${rest}`;
    if (this.#seen?.mark !== mark) this.#seen = { mark, at: now, crash: crashIn(tail()) };
    const { at, crash } = this.#seen;
    // A part of several: another one may be about to listen.
    if (crash?.proof === "told" && crash.source === undefined) return { kind: "crashed", crash };
    if (now - at < quietMs) return undefined;
    if (crash?.proof === "told" || (crash && (await this.#isWatched(crash))))
      return { kind: "crashed", crash };
    return isQuestion(rest) ? { kind: "asks", question: rest.slice(-longestQuestion) } : undefined;
  }

  async #isWatched(crash: SeenCrash): Promise<boolean> {
    const { processes } = this.#sources;
    return isWatched(processes, this.#root, crash);
  }
}

/**
 * Whether the tree has a program that starts another one again when files change; for what doesn't compile, one that needs
 * that for a start.
 */
export async function isWatched(
  processes: Pick<Processes, "members" | "describe">,
  root: TreeRoot,
  { proof }: Pick<SeenCrash, "proof">,
): Promise<boolean> {
  const members = await processes.members(root);
  const views = await Promise.all(members.map((one) => processes.describe(one)));
  const programs = proof === "uncompiled" ? compiler : watcher;
  return views.some(({ command }) => programs.test(command.slice(0, 2_000)));
}

/** Whether the file that a known crash is in was changed since. */
export async function isMended({
  state,
  settings,
}: Pick<SessionRecord, "state" | "settings">): Promise<boolean> {
  if (state.kind !== "crashed" || state.place === undefined) return false;
  const found = await stat(resolve(settings.cwd, state.place.file)).catch(() => undefined);
  return found !== undefined && found.mtimeMs > state.since;
}

/**
 * How long a start leaves a crash alone that is known already, in milliseconds: longer where the file it is in was changed
 * since, for what watches it is about to start the program again.
 */
export async function graceOf(record: Pick<SessionRecord, "state" | "settings">): Promise<number> {
  if (record.state.kind !== "crashed") return 0;
  return (await isMended(record)) ? changedGraceMs : unchangedGraceMs;
}

/** Whether an unfinished line, at which nothing more is written, asks for something. */
export function isQuestion(line: string): boolean {
  return line.length <= 2_000 && question.test(line);
}
