import { type BuildError, type BuildView, shownBuildErrors } from "../../shared/model/output.ts";
import {
  broken,
  compiled,
  type ErrorEvent,
  enter,
  failed,
  newBuild,
  type PartBuild,
  restarted,
  served,
  toBuildError,
  toKnown,
} from "./part-build.ts";
import type { Signal } from "./signals.ts";

/** Most printed errors that are remembered. */
const keptPrinted = 20;
/** Tools that compile a page when it is asked for, and say nothing of it before. */
const onRequestTools: ReadonlySet<string> = new Set(["next", "nuxt", "vite", "astro", "metro"]);
/** Most warnings counted one by one. */
const countedWarnings = 99;

/**
 * What the signals of one launch add up to. Each part of a server (`concurrently`) has a build of its own; the worst
 * one is shown.
 */
export class BuildTracker {
  readonly #builds = new Map<string, PartBuild>();
  #skipped = 0;
  #lastBuild = 0;
  #builtAt = 0;
  #lastRequest = 0;
  #onRequest = false;
  /** The parts of which a compiler speaks that watches its files. */
  readonly #compilers = new Set<string>();
  /** The last errors of any kind. */
  readonly #printed: ErrorEvent[] = [];

  take(signal: Signal): void {
    this.#note(signal);
    if (signal.kind === "served") this.#lastRequest = signal.seq;
    else if (!["warning", "url", "stack"].includes(signal.kind)) {
      this.#lastBuild = signal.seq;
      this.#builtAt = signal.time;
    }
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
        this.#restartCompiled(signal);
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

  /** When anything was said of a build last, in milliseconds since the epoch; 0 before that. */
  get builtAt(): number {
    return this.#builtAt;
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

  /** A program that compiles itself as it starts (ts-node) has its compiler's errors: where no compiler watches, they are over. */
  #restartCompiled(signal: Signal): void {
    const key = compilerOf(signal.source);
    const errors = this.#builds.get(key);
    if (errors && !this.#compilers.has(key)) restarted(errors, signal);
  }

  #note(signal: Signal): void {
    if (signal.kind !== "error" && "tool" in signal && signal.tool === "tsc")
      this.#compilers.add(compilerOf(signal.source));
    if ("tool" in signal && signal.tool !== undefined) this.#onRequest ||= onRequestTools.has(signal.tool);
    if (signal.kind !== "error") return;
    this.#printed.push(signal);
    if (this.#printed.length > keptPrinted) this.#printed.shift();
  }

  #buildOf({ source = "", ...signal }: Signal): PartBuild {
    // A type checker beside a bundler has its own mind about what is clean.
    const key = "tool" in signal && signal.tool === "tsc" ? compilerOf(source) : source;
    const known = this.#builds.get(key);
    if (known) return known;
    const build = newBuild(signal);
    this.#builds.set(key, build);
    return build;
  }
}

function compilerOf(source = ""): string {
  return `${source} tsc`;
}
