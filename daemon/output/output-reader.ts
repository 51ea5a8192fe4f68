import type { SourcePlace } from "../../shared/model/output.ts";
import { parsePlace } from "../../shared/model/source-place.ts";
import { Bars } from "./bars.ts";
import { ErrorDraft, StackDraft, WarningDraft } from "./draft.ts";
import { headOf, modulePlace } from "./heads.ts";
import { directoryOf, fromPart, fromRoot, type PackageDirectories } from "./parts.ts";
import { parseFrame } from "./places.ts";
import { Prefixes } from "./prefixes.ts";
import { PartRunner } from "./runners.ts";
import type { Head, Line, Signal, SignalOrigin, Tool } from "./signals.ts";
import { TracebackDraft } from "./traceback.ts";

/** Longest part of a line that is looked at, in characters. */
const longestLine = 1_000;
/** Most parts of a server that are told apart. */
const mostSources = 16;
/** An error that is still unfinished so many messages later never will be: others spoke meanwhile. */
const longestPending = 300;
/** A file and its line may stand this many lines above the error it is about. */
const hintLines = 8;

/** A server's own address, as it prints it. */
const localUrl =
  /\b(?:https?|exp):\/\/(?:localhost|\[::1?\]|\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3})(?::\d{1,5})?(?![\w.])[^\s"'`<>)\]]{0,200}/;

/** What one part of a server is in the middle of saying. */
interface Speaker {
  draft?: ErrorDraft | StackDraft | TracebackDraft | WarningDraft;
  readonly runner: PartRunner;
  readonly bars: Bars;
  /** `file:line` of Node's own report of an error, and how many lines ago. */
  hint?: { place: SourcePlace; age: number };
  /** Whether the last thing said was that it compiles: progress is told once. */
  compiling: boolean;
  /** Whether Next was the last to report an error. */
  next: boolean;
  /** Whether the build under way has errors. */
  broken: boolean;
}

/** Where a server runs. */
export interface OutputProject {
  /** Its directory; empty: unknown. */
  readonly root: string;
  /** Of the workspace whose root that is. */
  readonly packages: PackageDirectories;
}

/**
 * Reads what a server writes, line by line, and says what it means. Errors take several lines and come out once the
 * line after them is there, or with `flush`. Memory is bounded, and the work for a line by its length.
 */
export class OutputReader {
  readonly #speakers = new Map<string, Speaker>();
  #prefixes = new Prefixes();
  readonly #packages: PackageDirectories;
  readonly #root: string;
  #signals: Signal[] = [];

  /** @param project where the server runs; without it places stay as they are written */
  constructor({ root, packages }: OutputProject = { root: "", packages: new Map() }) {
    this.#packages = packages;
    this.#root = root;
  }

  /** Sequence of the first message that an unfinished error or stack began with. */
  get pendingSince(): number | undefined {
    const pending = [...this.#speakers.values()].flatMap(({ draft }) => (draft ? [draft.origin.seq] : []));
    return pending.length === 0 ? undefined : Math.min(...pending);
  }

  /** By the parts that have spoken the directory each works in, from where the server does, where it isn't the same. */
  get directories(): Readonly<Record<string, string>> {
    const known = [...this.#speakers.keys()].map((source) => [source, directoryOf(source, this.#packages)]);
    return Object.fromEntries(known.filter(([, directory]) => directory !== undefined));
  }

  /** @returns what these lines, and those before them, say */
  push(lines: Iterable<Line>): Signal[] {
    for (const line of lines) this.#read(line);
    return this.#taken();
  }

  /** Forgets what it was in the middle of, and who speaks: what comes next doesn't follow. */
  reset(): void {
    this.#speakers.clear();
    this.#prefixes = new Prefixes();
  }

  /** Finishes what was begun: the server says no more for now. */
  flush(): Signal[] {
    for (const speaker of this.#speakers.values()) this.#finish(speaker);
    return this.#taken();
  }

  #taken(): Signal[] {
    const signals = this.#signals;
    this.#signals = [];
    return signals.map((signal) => {
      const directory = signal.source && directoryOf(signal.source, this.#packages);
      const known = directory ? fromPart(signal, directory) : signal;
      return this.#root === "" ? known : fromRoot(known, this.#root);
    });
  }

  #read({ seq, time, text }: Line): void {
    const { source, text: line, timed } = this.#prefixes.strip(text.slice(0, longestLine));
    for (const other of this.#speakers.values())
      if (other.draft && seq - other.draft.origin.seq > longestPending) this.#finish(other);
    const speaker = this.#speaker(source);
    const origin = { seq, time, ...(source === undefined ? {} : { source }) };
    if (speaker.bars.isRedrawn(line)) return;
    if (speaker.draft && this.#continues(speaker, line, origin)) return;
    const ofRunner = source === undefined ? undefined : speaker.runner.read(line);
    const head = ofRunner ?? headOf(line, timed) ?? nextModule(speaker, line);
    if (head) {
      this.#finish(speaker);
      this.#begin(speaker, head, line, origin);
      return;
    }
    this.#look(speaker, line, origin);
  }

  /** @returns whether the line belongs to what came before it */
  #continues(speaker: Speaker, line: string, origin: SignalOrigin): boolean {
    const { draft } = speaker;
    if (!draft || (!draft.wantsMessage && headOf(line, false))) return false;
    const taken = draft.take(line);
    if (taken === "taken") return true;
    this.#finish(speaker);
    if (taken === "foreign" || !(draft instanceof ErrorDraft)) return false;
    const place = modulePlace(line.trim());
    const { tool, phase } = draft;
    const words = place ? { place } : {};
    const sibling = new ErrorDraft(origin, { ...(tool ? { tool } : {}), phase, ...words });
    if (!place) sibling.take(line);
    speaker.draft = sibling;
    return true;
  }

  #begin(speaker: Speaker, head: Head, line: string, origin: SignalOrigin): void {
    if ("tool" in head && head.tool === "metro") speaker.bars.ended(line);
    if (head.is === "error") {
      speaker.next = head.tool === "next";
      speaker.broken = true;
      // Whatever compiles from here on is a build of its own.
      if (head.phase !== "log") speaker.compiling = false;
      speaker.draft =
        head.tool === "python"
          ? new TracebackDraft(origin, head.phase, line)
          : new ErrorDraft(origin, head, speaker.hint?.place);
      delete speaker.hint;
      return;
    }
    if (head.is === "warning" && head.message === undefined) {
      speaker.draft = new WarningDraft(origin, head.place);
      return;
    }
    if (head.is === "compiling" && speaker.compiling) return;
    if (head.is !== "warning") speaker.compiling = head.is === "compiling";
    if (head.is === "compiling") speaker.broken = false;
    this.#signals.push(signalOf(head.is === "finished" ? outcome(speaker, head.tool) : head, origin));
  }

  /** A line that says nothing by itself: a URL in it, or what an error after it is about. */
  #look(speaker: Speaker, line: string, origin: SignalOrigin): void {
    const frame = parseFrame(line);
    if (frame) {
      speaker.draft = new StackDraft(origin, frame);
      return;
    }
    this.#noteHint(speaker, line);
    const url = localUrl.exec(line)?.[0].replace(/[.,;:!?]+$/, "");
    if (url !== undefined) this.#signals.push({ kind: "url", ...origin, url });
  }

  /** Node names the file above the error, then shows the line with a caret below it. */
  #noteHint(speaker: Speaker, line: string): void {
    const { hint } = speaker;
    if (hint && ++hint.age > hintLines) delete speaker.hint;
    if (hint && hint.age === 2 && /^\s*\^+$/.test(line)) {
      const column = line.indexOf("^") + 1;
      speaker.hint = { ...hint, place: { ...hint.place, column } };
    }
    if (!/^(?:file:\/\/\/|\/|[A-Za-z]:[\\/])\S{1,500}:\d{1,7}$/.test(line)) return;
    const place = parsePlace(line);
    if (place?.line !== undefined) speaker.hint = { place, age: 0 };
  }

  #finish(speaker: Speaker): void {
    if (speaker.draft) this.#signals.push(speaker.draft.finish());
    delete speaker.draft;
  }

  #speaker(source = ""): Speaker {
    const known = this.#speakers.get(source);
    if (known) return known;
    // Names made up by a hostile server cost what the first few cost.
    if (this.#speakers.size >= mostSources) return this.#speakers.get("") ?? this.#newSpeaker("");
    return this.#newSpeaker(source);
  }

  #newSpeaker(source: string): Speaker {
    const speaker: Speaker = {
      runner: new PartRunner(),
      bars: new Bars(),
      compiling: false,
      next: false,
      broken: false,
    };
    this.#speakers.set(source, speaker);
    return speaker;
  }
}

/** Next lists further errors of a report by their modules alone. */
function nextModule(speaker: Speaker, line: string): Head | undefined {
  const place = speaker.next ? modulePlace(line) : undefined;
  return place?.line === undefined ? undefined : { is: "error", tool: "next", phase: "build", place };
}

/** How a build ended that says no more than that it did. */
function outcome({ broken }: Speaker, tool: Tool): Exclude<Head, { is: "error" | "finished" }> {
  return broken ? { is: "failed", tool, message: "The build failed" } : { is: "compiled" };
}

function signalOf(head: Exclude<Head, { is: "error" | "finished" }>, origin: SignalOrigin): Signal {
  switch (head.is) {
    case "compiling":
      return { kind: "compiling", ...origin, ...(head.tool ? { tool: head.tool } : {}) };
    case "served": {
      const { route, status, ms } = head;
      return { kind: "served", ...origin, route, status, beganAt: origin.time - ms };
    }
    case "compiled":
    case "failed":
    case "warning": {
      const { is, ...said } = head;
      return { kind: is, ...origin, ...said } as Signal;
    }
    case "restarted":
      return { kind: "restarted", ...origin };
  }
}
