import type { ErrorPhase, OutputEvent, SourcePlace, StackFrame } from "../../shared/model/output.ts";
import { parsePlace } from "../../shared/model/source-place.ts";
import { modulePlace } from "./heads.ts";
import { isOwn, parseFrame, tsLoaderPlace } from "./places.ts";
import { isOfLoader, reportReaderOf } from "./report-words.ts";
import type { SignalOrigin, Tool } from "./signals.ts";

/** Most frames kept of a stack. */
const keptFrames = 20;
/** Longest message, in characters. */
const longestMessage = 500;
/** Most lines that belong to one error. */
const longestError = 80;

/** What became of a line that was offered to an error. */
export type Taken = "taken" | "foreign" | "sibling";

/**
 * An error while its lines come in: what is wrong, the place, the code around it and the stack stand in several lines,
 * in an order of each tool's own.
 */
export class ErrorDraft {
  readonly origin: SignalOrigin;
  readonly tool: Tool | undefined;
  readonly phase: ErrorPhase;
  readonly #frames: StackFrame[] = [];
  #message: string | undefined;
  #place: SourcePlace | undefined;
  /** Where the program's own words or the code frame say it is, where the head doesn't. */
  #hint: SourcePlace | undefined;
  /** Whether a line of the code frame was marked, so that a caret below it shows the column. */
  #marked = false;
  #lines = 0;
  /** Of this error alone. */
  readonly #read: ReturnType<typeof reportReaderOf>;
  /** Whether a later message would be that of another error. */
  #named = false;

  constructor(
    origin: SignalOrigin,
    head: { tool?: Tool; phase: ErrorPhase; message?: string; place?: SourcePlace },
    hint?: SourcePlace,
  ) {
    this.origin = origin;
    this.tool = head.tool;
    this.phase = head.phase;
    this.#message = head.message;
    this.#place = head.place;
    this.#hint = hint;
    this.#read = reportReaderOf(head.tool);
    if (head.tool === "metro" && head.message) this.#readBabel(head.message);
  }

  /** Whether the next line may say what is wrong. */
  get wantsMessage(): boolean {
    return this.#message === undefined || isOfLoader(this.#message);
  }

  /** @returns `sibling`: the line begins another error of the same report */
  take(line: string): Taken {
    if (++this.#lines > longestError) return "foreign";
    const frame = parseFrame(line);
    if (frame) {
      if (this.#frames.length < keptFrames) this.#frames.push(frame);
      return "taken";
    }
    const said = this.#read?.(line, { message: this.#message, place: this.#place });
    if (said) {
      this.#message = said.message ?? this.#message;
      this.#place = said.place ?? this.#place;
      return "taken";
    }
    return this.#takeCode(line) ?? this.#takeWords(line) ?? (isFiller(line) ? "taken" : "foreign");
  }

  #takeCode(line: string): Taken | undefined {
    const marked = /^> *(\d{1,7}) \|/.exec(line);
    if (marked) {
      this.#marked = true;
      if (this.#place && this.#place.line === undefined)
        this.#place = { ...this.#place, line: Number(marked[1]) };
      return "taken";
    }
    const caret = this.#marked ? /^ {0,12}[|:] *\^/.exec(line) : null;
    if (caret) {
      const column = line.indexOf("^") - line.search(/[|:]/) - 1;
      if (this.#place?.line !== undefined && this.#place.column === undefined && column > 0)
        this.#place = { ...this.#place, column };
      this.#marked = false;
      return "taken";
    }
    const [, corner, framed] = /^ {0,8}(╭─|,-)\[ ?(.{1,500}?) ?\]$/.exec(line) ?? [];
    if (framed === undefined) return undefined;
    const place = parsePlace(framed);
    // Where it is drawn in ASCII (SWC) the column is that of the code shown: the caret says more.
    this.#marked = corner === ",-";
    if (place && this.#marked && place.line !== undefined)
      this.#place = { file: this.#place?.file ?? place.file, line: place.line };
    else this.#place = place ?? this.#place;
    return "taken";
  }

  #takeWords(line: string): Taken | undefined {
    const coded = /^\[([A-Z][A-Z0-9_]{2,60})\] ./.test(line);
    if (coded && this.#named) return "sibling";
    if (coded && (this.tool === "vite" || this.tool === "astro")) {
      this.#message = line;
      this.#named = true;
      return "taken";
    }
    const file = /^ {1,4}File: (.{1,500})$/.exec(line)?.[1];
    if (file !== undefined) {
      this.#takeFile(file);
      return "taken";
    }
    if (this.tool === "esbuild" && this.#place === undefined) {
      const place = /^ {4,6}(\S.{0,500}:\d{1,7}:\d{1,7}):$/.exec(line)?.[1];
      if (place !== undefined) this.#place = fromZero(parsePlace(place));
      if (place !== undefined) return "taken";
    }
    if (this.tool === "next" && modulePlace(line.trim()) && this.#message !== undefined) return "sibling";
    if (this.tool === "parcel" && /^@parcel\//.test(line) && this.#message !== undefined)
      return line.startsWith("@parcel/resolver") ? "taken" : "sibling";
    if (this.#message !== undefined || /^\s*(?:Error:)?\s*$/.test(line)) return undefined;
    const checked = this.tool === "webpack" ? tsLoaderPlace(line) : undefined;
    if (checked) {
      this.#place = checked;
      return "taken";
    }
    this.#message = line.trim().replace(/^(?:ERROR {2}|Error: )? *(?:x )?/, "");
    this.#readBabel(this.#message);
    return "taken";
  }

  /** The file alone is less than what a code frame says already. */
  #takeFile(text: string): void {
    const place = parsePlace(text);
    if (this.#place?.line === undefined || place?.line !== undefined) this.#place = place ?? this.#place;
  }

  /** `SyntaxError: /app/App.js: Unexpected token (4:36)`, `Unable to resolve "./x" from "App.js"`. */
  #readBabel(message: string): void {
    const [, kind, file, said, row, column] =
      /^(\w{0,30}Error): ([^:]{1,500}(?::[^: ][^:]{0,500})?): (.{1,1000}?) ?\((\d{1,7}):(\d{1,7})\)$/.exec(
        message,
      ) ?? [];
    if (kind && file && said && row && column) {
      this.#place ??= { file: parsePlace(file)?.file ?? file, line: Number(row), column: Number(column) + 1 };
      // Its place stands once.
      this.#message = `${kind}: ${said}`;
    }
    const from = /^Unable to resolve ".{1,300}" from "([^"]{1,300})"/.exec(message)?.[1];
    if (from !== undefined) this.#place ??= { file: from };
  }

  /** The error as far as it is known. */
  finish(): OutputEvent {
    const before = this.#place === undefined ? placeBefore(this.#message ?? "") : undefined;
    const place = before?.place ?? this.#place ?? this.#frames.find(isOwn) ?? this.#hint;
    const message = (before?.said ?? this.#message ?? "The build failed").slice(0, longestMessage);
    return {
      kind: "error",
      ...this.origin,
      message,
      phase: this.phase,
      ...(this.tool === undefined ? {} : { tool: this.tool }),
      ...(place === undefined ? {} : { place: bare(place) }),
      stack: this.#frames,
    };
  }
}

/** `/app/src/App.svelte:91:0 Block was left open`, as compilers behind Vite's plugins have it. */
function placeBefore(message: string): { place: SourcePlace; said: string } | undefined {
  const end = message.indexOf(" ");
  if (end < 1 || end > longestPlace) return undefined;
  const where = message.slice(0, end).replace(/:$/, "");
  const place = /[\\/]/.test(where) ? parsePlace(where) : undefined;
  const said = message.slice(end + 1).trim();
  return place?.column !== undefined && said !== "" ? { place, said } : undefined;
}

/** Longest place before a message, in characters. */
const longestPlace = 600;

/** A warning whose words stand in the line below its place. */
export class WarningDraft {
  readonly origin: SignalOrigin;
  /** What says something by itself is no words of a warning. */
  readonly wantsMessage = false;
  readonly #place: SourcePlace | undefined;
  #message: string | undefined;

  constructor(origin: SignalOrigin, place: SourcePlace | undefined) {
    this.origin = origin;
    this.#place = place;
  }

  take(line: string): Taken {
    if (line.trim() === "") return "taken";
    if (this.#message !== undefined) return "foreign";
    this.#message = line.trim().slice(0, longestMessage);
    return "taken";
  }

  finish(): OutputEvent {
    const place = this.#place === undefined ? {} : { place: bare(this.#place) };
    return { kind: "warning", ...this.origin, message: this.#message ?? "A warning", ...place };
  }
}

/** A stack trace that no error stands above, while it comes in. */
export class StackDraft {
  readonly origin: SignalOrigin;
  readonly wantsMessage = false;
  readonly #frames: StackFrame[];

  constructor(origin: SignalOrigin, first: StackFrame) {
    this.origin = origin;
    this.#frames = [first];
  }

  take(line: string): Taken {
    const frame = parseFrame(line);
    if (frame === undefined) return "foreign";
    if (this.#frames.length < keptFrames) this.#frames.push(frame);
    return "taken";
  }

  finish(): OutputEvent {
    return { kind: "stack", ...this.origin, frames: this.#frames };
  }
}

/** esbuild counts columns from 0. */
function fromZero(place: SourcePlace | undefined): SourcePlace | undefined {
  return place?.column === undefined ? place : { ...place, column: place.column + 1 };
}

function bare({ file, line, column }: SourcePlace): SourcePlace {
  return {
    file,
    ...(line === undefined ? {} : { line }),
    ...(column === undefined ? {} : { column }),
  };
}

/** Lines inside an error that say nothing more about it: code, drawings, properties of the error. */
function isFiller(line: string): boolean {
  return line.trim() === "" || /^(?:\s|Error: *$|>? *\d{1,7} [|│]|[│╭╰─]|[}\]])/.test(line);
}
