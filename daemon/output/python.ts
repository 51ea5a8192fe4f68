import type { ErrorPhase, OutputEvent, StackFrame } from "../../shared/model/output.ts";
import type { Taken } from "./draft.ts";
import type { Recogniser, SignalOrigin } from "./signals.ts";

/** Most frames kept of a traceback: the last ones say where it happened. */
const keptFrames = 20;
/** Most lines of one traceback. */
const longestTraceback = 400;
/** Longest message, in characters. */
const longestMessage = 500;

const frame = /^ {2}File "([^"]{1,500})", line (\d{1,7})(?:, in (.{1,200}))?$/;
const header = "Traceback (most recent call last):";
/** Errors that keep a module from being loaded at all. */
const loading = /^(?:SyntaxError|IndentationError|TabError|ImportError|ModuleNotFoundError)\b/;

/** Python's tracebacks, and what its servers say of themselves: Django, Flask, uvicorn. */
export const python: Recogniser = (line) => {
  if (line === header || frame.test(line)) return { is: "error", tool: "python", phase: "log" };
  if (/^(?:Exception in thread django-main-thread:|Process SpawnProcess-\d{1,6}:)$/.test(line))
    return { is: "error", tool: "python", phase: "build" };
  if (/^(?:Internal Server Error: \/|ERROR: {1,8}Exception in ASGI application$)/.test(line))
    return { is: "error", tool: "python", phase: "request" };
  if (/^\[[^\]]{1,60}\] ERROR in \w{1,60}: Exception on /.test(line))
    return { is: "error", tool: "python", phase: "request" };
  if (/^\S{1,500} changed, reloading\.$/.test(line)) return { is: "compiling", tool: "python" };
  if (/^ \* Detected change in .{1,500}, reloading$/.test(line)) return { is: "compiling", tool: "python" };
  if (/^ \* Restarting with /.test(line)) return { is: "restarted" };
  if (/^WARNING: {1,8}\w{1,30} detected changes in .{1,500}Reloading\.\.\.$/.test(line))
    return { is: "compiling", tool: "python" };
  if (/^(?:Starting development server at http|INFO: {1,8}Application startup complete\.)/.test(line))
    return { is: "compiled", tool: "python" };
  const [, route, status] =
    /^[^"]{0,100}"(?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS) (\S{1,500}) HTTP\/[\d.]{1,3}" (\d{3})\b/.exec(
      line,
    ) ?? [];
  return route && status ? { is: "served", route, status: Number(status), ms: 0 } : undefined;
};

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
    if (this.#note(line) || line === header || /^\s/.test(line) || line === "") return "taken";
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
    const [, file, row, name] = frame.exec(line) ?? [];
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
