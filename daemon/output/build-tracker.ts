import {
  type BuildError,
  type BuildView,
  type OutputEvent,
  placeWords,
  shownBuildErrors,
} from "../../shared/model/output.ts";
import type { Signal } from "./signals.ts";

/** Longest time between an error and the end of the very build it is of, in milliseconds. */
const sameBuildMs = 250;
/** A program that was started again and says nothing for so long is fine, in milliseconds. */
const settledMs = 1_000;
/** Most errors kept of one part of a server; the others are counted. */
const keptErrors = 50;
/** Most printed errors that are remembered. */
const keptPrinted = 20;
/** Tools that compile a page when it is asked for, and say nothing of it before. */
const onRequestTools: ReadonlySet<string> = new Set(["next", "nuxt", "vite", "astro", "metro"]);
/** Most warnings counted one by one. */
const countedWarnings = 99;

type ErrorEvent = Extract<OutputEvent, { kind: "error" }>;

interface KnownError extends BuildError {
  readonly tool?: string | undefined;
  /** The request it showed in. */
  route?: string;
  /** Whether it says no more than that there are errors: the first that is named takes its place. */
  isBare?: true;
}

/** The build of one part of a server. */
interface Build {
  status: BuildView["status"];
  since: number;
  seq: number;
  errors: KnownError[];
  /** Beyond those kept. */
  moreErrors: number;
  warnings: number;
  /** The last error that was only printed: it is what a crash is about. */
  printed?: ErrorEvent;
  /** When the errors are of an earlier build than the one under way. */
  outdated: boolean;
  /** Whether the program ended with an error: whoever watches its files starts it again, and may not say so. */
  crashed: boolean;
  /** Whether Astro runs here: its errors look like any log. */
  isAstro: boolean;
  /** When silence means that all is well, in milliseconds since the epoch. */
  settlesAt?: number;
}

/**
 * What the signals of one launch add up to. Each part of a server (`concurrently`) has a build of its own; the worst
 * one is shown.
 */
export class BuildTracker {
  readonly #builds = new Map<string, Build>();
  #skipped = 0;
  #lastBuild = 0;
  #lastRequest = 0;
  #onRequest = false;
  /** The last errors of any kind. */
  readonly #printed: ErrorEvent[] = [];

  take(signal: Signal): void {
    this.#note(signal);
    if (signal.kind === "served") this.#lastRequest = signal.seq;
    else if (!["warning", "url", "stack"].includes(signal.kind)) this.#lastBuild = signal.seq;
    const build = this.#buildOf(signal);
    switch (signal.kind) {
      case "compiling":
        build.outdated = true;
        enter(build, "compiling", signal);
        break;
      case "compiled":
        build.isAstro ||= signal.tool === "astro";
        compiled(build, signal);
        if (signal.tool === "tsc") this.#restartCrashed(signal);
        break;
      case "restarted":
        restarted(build, signal);
        break;
      case "error":
        if (signal.phase === "log" || (signal.tool === "astro" && !build.isAstro)) build.printed = signal;
        else broken(build, signal);
        break;
      case "failed":
        failed(build, signal);
        break;
      case "served":
        served(build, signal);
        break;
      case "warning":
        build.warnings = Math.min(build.warnings + 1, countedWarnings);
        break;
      case "url":
      case "stack":
        break;
    }
  }

  /** Some messages were not looked at: the end of what compiles may have been among them. */
  skip(messages: number, at: { seq: number; time: number }): void {
    this.#skipped += messages;
    for (const build of this.#builds.values()) if (build.status === "compiling") enter(build, "unknown", at);
  }

  /** When to call `settle`, in milliseconds since the epoch; undefined where nothing waits for silence. */
  get settlesAt(): number | undefined {
    const times = [...this.#builds.values()].flatMap(({ settlesAt }) => settlesAt ?? []);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  /** @param now milliseconds since the epoch */
  settle(now: number): void {
    for (const build of this.#builds.values()) {
      if (build.settlesAt === undefined || now < build.settlesAt) continue;
      delete build.settlesAt;
      enter(build, "clean", { seq: build.seq, time: now });
    }
  }

  /** Sequence of the last message that said anything of a build, and of the last that told of an answer, too. */
  get heard(): { readonly build: number; readonly request: number } {
    return { build: this.#lastBuild, request: Math.max(this.#lastBuild, this.#lastRequest) };
  }

  /** Whether something speaks that compiles pages when they are asked for: before that it proves nothing. */
  get onRequest(): boolean {
    return this.#onRequest;
  }

  /** The last error with a place, else the last one, that was written after this message. */
  printedAfter(seq: number): BuildError | undefined {
    const since = this.#printed.filter((error) => error.seq > seq);
    const last = since.findLast(({ place }) => place !== undefined) ?? since.at(-1);
    return last && toBuildError(toKnown(last));
  }

  view(): BuildView {
    const builds = [...this.#builds.values()];
    const worst = (["compiling", "failed", "clean"] as const).find((status) =>
      builds.some((build) => build.status === status),
    );
    const shown = builds.filter(({ status }) => status === (worst ?? "unknown"));
    const errors = builds.flatMap((build) => build.errors);
    return {
      status: worst ?? "unknown",
      since: Math.max(0, ...shown.map(({ since }) => since)),
      seq: Math.max(0, ...builds.map(({ seq }) => seq)),
      errors: errors.slice(0, shownBuildErrors).map(toBuildError),
      errorCount: errors.length + builds.reduce((sum, { moreErrors }) => sum + moreErrors, 0),
      warnings: builds.reduce((sum, { warnings }) => sum + warnings, 0),
      skipped: this.#skipped,
    };
  }

  /** A compiler in watch mode that starts the program (Nest's) does so once all is compiled. */
  #restartCrashed(signal: Extract<Signal, { kind: "compiled" }>): void {
    const program = this.#builds.get(signal.source ?? "");
    if (program?.crashed) restarted(program, signal);
  }

  #note(signal: Signal): void {
    if ("tool" in signal && signal.tool !== undefined) this.#onRequest ||= onRequestTools.has(signal.tool);
    if (signal.kind !== "error") return;
    this.#printed.push(signal);
    if (this.#printed.length > keptPrinted) this.#printed.shift();
  }

  #buildOf({ source = "", ...signal }: Signal): Build {
    // A type checker beside a bundler has its own mind about what is clean.
    const key = "tool" in signal && signal.tool === "tsc" ? `${source} tsc` : source;
    const known = this.#builds.get(key);
    if (known) return known;
    const build: Build = {
      status: "unknown",
      since: signal.time,
      seq: 0,
      errors: [],
      moreErrors: 0,
      warnings: 0,
      outdated: false,
      crashed: false,
      isAstro: false,
    };
    this.#builds.set(key, build);
    return build;
  }
}

function enter(build: Build, status: Build["status"], { seq, time }: { seq: number; time: number }): void {
  if (build.status !== status) build.since = time;
  build.status = status;
  build.seq = seq;
}

function clear(build: Build): void {
  build.errors = [];
  build.moreErrors = 0;
  build.warnings = 0;
  build.outdated = false;
  build.crashed = false;
  delete build.printed;
  delete build.settlesAt;
}

function restarted(build: Build, signal: Signal): void {
  clear(build);
  enter(build, "compiling", signal);
  build.settlesAt = signal.time + settledMs;
}

function compiled(build: Build, signal: Extract<Signal, { kind: "compiled" }>): void {
  const last = build.errors.at(-1);
  // Turbopack says "Compiled" after a build with errors, too (Next 16): right behind them it proves nothing.
  const isOfTheErrors =
    (last?.tool === "next" || last?.tool === "nuxt") &&
    !build.outdated &&
    signal.time - last.time < sameBuildMs;
  if (isOfTheErrors) {
    enter(build, "failed", signal);
    return;
  }
  clear(build);
  build.warnings = signal.warnings ?? 0;
  enter(build, "clean", signal);
}

function broken(build: Build, event: ErrorEvent): void {
  const last = build.errors.at(-1);
  // Astro says nothing of a request that failed but its errors: those of the one before are over.
  const isNextReport = event.tool === "astro" && last !== undefined && event.time - last.time > sameBuildMs;
  if (build.outdated || isNextReport) clear(build);
  delete build.settlesAt;
  build.errors = build.errors.filter(({ isBare }) => !isBare);
  const known = build.errors.find((error) => isSame(error, event));
  if (known) build.errors[build.errors.indexOf(known)] = { ...known, time: event.time };
  else if (build.errors.length >= keptErrors) build.moreErrors++;
  else build.errors.push(toKnown(event));
  enter(build, "failed", event);
}

function failed(build: Build, signal: Extract<Signal, { kind: "failed" }>): void {
  delete build.settlesAt;
  const { printed } = build;
  if (build.errors.length === 0 || build.outdated) {
    clear(build);
    const { seq, time, message } = signal;
    build.errors = [
      printed
        ? { ...toKnown(printed), phase: "build" }
        : { seq, time, message, phase: "build", isBare: true },
    ];
  }
  build.crashed = signal.tool === "node";
  enter(build, "failed", signal);
}

/**
 * Pages are compiled when they are asked for. One that is served is free of errors, if the request came after they were
 * reported: while a build goes on, what was there before is served.
 */
function served(
  build: Build,
  { route, status, beganAt, seq, time }: Extract<Signal, { kind: "served" }>,
): void {
  if (build.status === "compiling") enter(build, build.errors.length > 0 ? "failed" : "clean", { seq, time });
  // A page or an icon that doesn't exist tells nothing of those that do.
  if (status >= 400 && status < 500) return;
  const isWell = status < 400;
  for (const error of build.errors) if (error.time >= beganAt || !isWell) error.route ??= route;
  if (!isWell) {
    // It reported all that is wrong with it: what an earlier request reported and this one didn't is gone.
    const reported = build.errors.some((error) => error.route === route && error.time >= beganAt);
    if (reported)
      build.errors = build.errors.filter((error) => error.route !== route || error.time >= beganAt);
    return;
  }
  const before = build.errors.length;
  build.errors = build.errors.filter(
    (error) => error.time >= beganAt || (error.route !== undefined && error.route !== route),
  );
  if (before > 0 && build.errors.length === 0) {
    clear(build);
    enter(build, "clean", { seq, time });
  } else if (build.status === "unknown") enter(build, "clean", { seq, time });
}

function isSame(one: BuildError, other: Pick<BuildError, "message" | "place">): boolean {
  const words = (text: string) => text.replace(/^\w{0,60}Error: /, "");
  const place = (error: Pick<BuildError, "place">) => (error.place ? placeWords(error.place) : "");
  return words(one.message) === words(other.message) && place(one) === place(other);
}

function toKnown({ message, phase, tool, place, seq, time }: ErrorEvent): KnownError {
  return { message, phase, tool, ...(place ? { place } : {}), seq, time };
}

function toBuildError({ message, phase, place, seq, time }: KnownError): BuildError {
  return { message, phase, ...(place ? { place } : {}), seq, time };
}
