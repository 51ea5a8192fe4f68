import { placeWords } from "../../shared/model/build-words.ts";
import type { BuildError, BuildView, OutputEvent } from "../../shared/model/output.ts";
import type { Signal, SignalOrigin } from "./signals.ts";

/** Longest time between an error and the end of the very build it is of, in milliseconds. */
const sameBuildMs = 250;
/** A program that was started again and says nothing for so long is fine, in milliseconds. */
const settledMs = 1_000;
/** Most errors kept of one part of a server; the others are counted. */
const keptErrors = 50;
export type ErrorEvent = Extract<OutputEvent, { kind: "error" }>;

interface KnownError extends BuildError {
  readonly tool?: string | undefined;
  /** The request it showed in. */
  route?: string;
  /** Whether it says no more than that there are errors: the first that is named takes its place. */
  isBare?: true;
}

/** The build of one part of a server. */
export interface PartBuild {
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
  /** Whether the program ended with an error: the watcher of its files starts it again, and may not say so. */
  crashed: boolean;
  /** Whether its configuration is broken: what goes on by the one before says nothing of that. */
  unconfigured: boolean;
  /** Whether Astro runs here: its errors look like any log. */
  isAstro: boolean;
  /** When silence means that all is well, in milliseconds since the epoch. */
  settlesAt?: number;
}

/** A build of which nothing was said yet. */
export function newBuild({ time }: SignalOrigin): PartBuild {
  return {
    status: "unknown",
    since: time,
    seq: 0,
    errors: [],
    moreErrors: 0,
    warnings: 0,
    outdated: false,
    crashed: false,
    unconfigured: false,
    isAstro: false,
  };
}

export function enter(
  build: PartBuild,
  status: PartBuild["status"],
  { seq, time }: { seq: number; time: number },
): void {
  if (build.status !== status) build.since = time;
  build.status = status;
  build.seq = seq;
}

function clear(build: PartBuild): void {
  build.errors = [];
  build.moreErrors = 0;
  build.warnings = 0;
  build.outdated = false;
  build.crashed = false;
  build.unconfigured = false;
  delete build.printed;
  delete build.settlesAt;
}

export function restarted(build: PartBuild, signal: Signal): void {
  clear(build);
  enter(build, "compiling", signal);
  build.settlesAt = signal.time + settledMs;
}

export function compiled(build: PartBuild, signal: Extract<Signal, { kind: "compiled" }>): void {
  if (build.unconfigured && build.status === "failed") return;
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

export function broken(build: PartBuild, event: ErrorEvent): void {
  const last = build.errors.at(-1);
  // Astro says nothing of a request that failed but its errors: those of the one before are over.
  const isNextReport = event.tool === "astro" && last !== undefined && event.time - last.time > sameBuildMs;
  if (build.outdated || isNextReport) clear(build);
  delete build.settlesAt;
  build.errors = build.errors.filter(({ isBare }) => !isBare);
  // Vite tells of an error without its file first, then of the same one with it.
  if (event.place)
    build.errors = build.errors.filter((error) => error.place || error.message !== event.message);
  const known = build.errors.find((error) => isSame(error, event));
  if (known) build.errors[build.errors.indexOf(known)] = { ...known, time: event.time };
  else if (build.errors.length >= keptErrors) build.moreErrors++;
  else build.errors.push(toKnown(event));
  enter(build, "failed", event);
}

/** Vite's and Astro's word for a configuration that they don't take. */
function isOfConfiguration(message: string): boolean {
  return message === "server restart failed" || message.startsWith("[config] ");
}

export function failed(build: PartBuild, signal: Extract<Signal, { kind: "failed" }>): void {
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
  build.unconfigured = isOfConfiguration(signal.message);
  enter(build, "failed", signal);
}

/**
 * Pages are compiled when they are asked for. One that is served is free of errors, if the request came after they were
 * reported: while a build goes on, what was there before is served.
 */
export function served(
  build: PartBuild,
  { route, status, beganAt, seq, time }: Extract<Signal, { kind: "served" }>,
): void {
  if (build.status === "compiling") enter(build, build.errors.length > 0 ? "failed" : "clean", { seq, time });
  if (build.unconfigured) return;
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

export function toKnown({ message, phase, tool, place, seq, time }: ErrorEvent): KnownError {
  return { message, phase, tool, ...(place ? { place } : {}), seq, time };
}

export function toBuildError({ message, phase, place, seq, time }: KnownError): BuildError {
  return { message, phase, ...(place ? { place } : {}), seq, time };
}
