import type { ErrorPhase, OutputEvent, StackFrame } from "../../shared/model/output.ts";
import type { Taken } from "./draft.ts";
import { tracebackCall, tracebackHeader } from "./python.ts";
import type { SignalOrigin } from "./signals.ts";

/** Most frames kept of a traceback: the last ones say where it happened. */
const keptFrames = 20;
/** Most lines of one traceback. */
const longestTraceback = 400;
/** Longest message, in characters. */
const longestMessage = 500;
/** Errors that keep a module from being loaded at all. */
const loading = /^(?:SyntaxError|IndentationError|TabError|ImportError|ModuleNotFoundError)\b/;

/** A traceback while its lines come in: the calls, the innermost last, and then what went wrong. */
export class TracebackDraft {
  readonly origin: SignalOrigin;
  readonly #phase: ErrorPhase;
  readonly #frames: StackFrame[] = [];
  #message: string | undefined;
  #lines = 0;

  /** @param first the line that it begins with */
  constructor(origin: SignalOrigin, phase: ErrorPhase, first: string) {
    this.origin = origin;
    this.#phase = phase;
    this.#note(first);
  }

  /** What it is made of looks like beginnings of others. */
  get wantsMessage(): boolean {
    return this.#message === undefined;
  }

  take(line: string): Taken {
    if (this.#message !== undefined || ++this.#lines > longestTraceback) return "foreign";
    if (this.#note(line) || line === tracebackHeader || /^\s/.test(line) || line === "") return "taken";
    if (this.#frames.length === 0) return "foreign";
    this.#message = line.slice(0, longestMessage);
    return "taken";
  }

  finish(): OutputEvent {
    const message = this.#message ?? "A traceback";
    const place = this.#frames.findLast(isOwnModule);
    const isBuild = this.#phase === "log" && loading.test(message);
    return {
      kind: "error",
      ...this.origin,
      message,
      phase: isBuild ? "build" : this.#phase,
      tool: "python",
      ...(place ? { place: { file: place.file, ...(place.line ? { line: place.line } : {}) } } : {}),
      stack: this.#frames.toReversed(),
    };
  }

  /** @returns whether the line is a call */
  #note(line: string): boolean {
    const [, file, row, name] = tracebackCall.exec(line) ?? [];
    if (file === undefined) return false;
    this.#frames.push({ file, line: Math.max(1, Number(row)), ...(name === undefined ? {} : { name }) });
    if (this.#frames.length > keptFrames) this.#frames.shift();
    return true;
  }
}

/** Whether a file is of the app itself, not of Python or a package. */
function isOwnModule({ file }: StackFrame): boolean {
  return !/^<|[\\/](?:site|dist)-packages[\\/]|[\\/]lib[\\/]python\d/.test(file);
}
