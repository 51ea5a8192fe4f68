import type { ErrorShape } from "../../../shared/base/errors.ts";
import { type Board, boardOn, silentBoard } from "./board.ts";
import { LiveText } from "./live-text.ts";
import { type Progress, progressOn, silentProgress } from "./progress.ts";
import { type Paint, paintFor, shown, shownJson } from "./style.ts";

export interface Streams {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly stdin: NodeJS.ReadStream;
  /** See `OwnStreams`. */
  readonly changed?: boolean;
}

/** A terminal that can be typed at and shows what is written. */
export interface TerminalStreams {
  readonly input: NodeJS.ReadStream;
  readonly output: NodeJS.WriteStream;
}

/** How much is said, and to whom. */
export interface Manner {
  /** Programs read it: one JSON document. */
  readonly json: boolean;
  /** Results and errors alone, an error in a line and its remedy in another. */
  readonly quiet?: boolean;
}

/** One of several things that go on side by side. */
export interface OutputPart {
  readonly progress: Progress;
  /** Takes what is told beside the result. */
  note(text: string): void;
}

/** Where a verb's result goes: one JSON document, or text for people. Everything else goes to standard error. */
export class Output {
  readonly #streams: Streams;
  readonly #env: NodeJS.ProcessEnv;
  readonly #part: OutputPart | undefined;
  readonly json: boolean;
  /** Whether only results and errors are wanted. */
  readonly quiet: boolean;
  /** Colours for standard output. */
  readonly paint: Paint;
  /** Colours for standard error. */
  readonly paintError: Paint;

  /** @param part set for one of several things that go on side by side */
  constructor(streams: Streams, env: NodeJS.ProcessEnv, { json, quiet = false }: Manner, part?: OutputPart) {
    this.#streams = streams;
    this.#env = env;
    this.#part = part;
    this.json = json;
    this.quiet = quiet;
    this.paint = paintFor(() => streams.stdout, env);
    this.paintError = paintFor(() => streams.stderr, env);
  }

  /** Whether a stream was opened that a program taking this process' place would find changed. */
  get changed(): boolean {
    return this.#streams.changed ?? true;
  }

  /** Whether standard output takes colours: a terminal's does, and a pipe's whose reader says so (`FORCE_COLOR`). */
  get colours(): boolean {
    return this.paint("dim", "?") !== "?";
  }

  /** Prints a result: `data` with `--json`, else `text`. */
  async result(data: unknown, text: string): Promise<void> {
    if (text === "" && !this.json) return;
    await this.line(this.json ? JSON.stringify(data, null, 2) : text);
  }

  /** Prints an error: on standard output with `--json`, where the one document belongs. */
  async error(error: ErrorShape): Promise<void> {
    if (this.json) await this.line(JSON.stringify({ error: plainError(error) }, null, 2));
    else await this.failure(error);
  }

  /** Tells people of an error beside the result. */
  async failure(error: ErrorShape): Promise<void> {
    if (this.json) return;
    const { errorLines, errorText } = await import("./error-text.ts");
    this.ask((this.quiet ? errorLines : errorText)(error, this.paintError));
  }

  /** Prints a line and waits until the reader took it. Whether the reader is gone is the stream's own event. */
  line(text: string): Promise<void> {
    const safe = this.json ? shownJson(text) : shown(text);
    return new Promise((resolve) => this.#streams.stdout.write(`${safe}\n`, () => resolve()));
  }

  /** Writes bytes as they are and waits until the reader took them. */
  raw(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve) => this.#streams.stdout.write(bytes, () => resolve()));
  }

  /** Size of the terminal that standard output is; undefined where it is none, or programs read it. */
  get terminalSize(): { columns: number; rows: number } | undefined {
    const { isTTY, columns, rows } = this.#streams.stdout;
    if (this.json || !isTTY) return undefined;
    return { columns: clamp(columns, 120), rows: clamp(rows, 30) };
  }

  /** The terminal that standard input and output are; undefined where they are none, or programs read it. */
  get terminal(): TerminalStreams | undefined {
    const { stdin, stdout } = this.#streams;
    return !this.json && stdin.isTTY && stdout.isTTY ? { input: stdin, output: stdout } : undefined;
  }

  /** Standard input where it is no terminal. */
  get pipedInput(): NodeJS.ReadStream | undefined {
    const { stdin } = this.#streams;
    return stdin.isTTY ? undefined : stdin;
  }

  /** Tells people something beside the result. */
  note(text: string): void {
    if (!this.quiet) this.ask(text);
  }

  /** Shows people what a question is about: nothing is agreed to unseen. */
  ask(text: string): void {
    if (this.json) return;
    if (this.#part) this.#part.note(text);
    else this.#streams.stderr.write(`${shown(text)}\n`);
  }

  /** A line each for several things that go on side by side. */
  board(names: readonly string[]): Board {
    return this.json || this.quiet
      ? silentBoard
      : boardOn(this.#streams.stderr, this.#env, this.paintError, names);
  }

  /** The same streams for one of several things that go on side by side. It asks nothing, and shows no spinner. */
  part(part: OutputPart): Output {
    return new Output(this.#streams, this.#env, this, part);
  }

  progress(): Progress {
    if (this.#part) return this.#part.progress;
    return this.json || this.quiet ? silentProgress : progressOn(this.#streams.stderr, this.#env);
  }

  /** Where text can replace itself on standard output; undefined where that isn't a terminal. */
  get live(): LiveText | undefined {
    const { stdout } = this.#streams;
    return !this.json && stdout.isTTY && this.#env["TERM"] !== "dumb" ? new LiveText(stdout) : undefined;
  }

  /** Where to ask the person at the terminal; undefined without a terminal. */
  get dialogue(): TerminalStreams | undefined {
    const { stdin, stderr } = this.#streams;
    return !this.json && !this.#part && stdin.isTTY && stderr.isTTY
      ? { input: stdin, output: stderr }
      : undefined;
  }
}

/** A terminal that doesn't know its size says 0. */
function clamp(size: number, otherwise: number): number {
  return size >= 1 ? Math.min(size, 2000) : otherwise;
}

/** The same keys in the same order, wherever it was thrown. */
function plainError({ code, message, remedy, data }: ErrorShape): ErrorShape {
  return data === undefined ? { code, message, remedy } : { code, message, remedy, data };
}
