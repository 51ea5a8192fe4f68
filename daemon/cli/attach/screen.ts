import { runWithDeadline } from "../../../shared/base/deadline.ts";
import { Scope } from "../../../shared/base/disposable.ts";
import { Emitter } from "../../../shared/base/emitter.ts";
import type { TerminalStreams } from "../output/output.ts";
import type { Paint } from "../output/style.ts";
import { Modes } from "./modes.ts";
import { Outlet } from "./outlet.ts";

/** ECMA-48: home and erase. What scrolled out of the screen is the user's and stays. */
const clear = "\u001b[H\u001b[2J";
const lineFeed = 10;
/** How long a terminal may take for the last words when it is given back, in milliseconds. */
const flushMs = 1_000;

/** The terminal this command line runs in, lent to a session: keys come raw, output goes through as it is. */
export class Screen {
  readonly #streams: TerminalStreams;
  readonly #paint: Paint;
  readonly #scope = new Scope();
  readonly #modes = new Modes();
  readonly #outlet: Outlet;
  readonly #typed = this.#scope.add(new Emitter<string>());
  readonly #resized = this.#scope.add(new Emitter<void>());
  readonly #gone = this.#scope.add(new Emitter<void>());
  #atLineStart = true;

  readonly onTyped = this.#typed.event;
  readonly onResized = this.#resized.event;
  /** The terminal was closed. */
  readonly onGone = this.#gone.event;

  constructor(streams: TerminalStreams, paint: Paint) {
    this.#streams = streams;
    this.#paint = paint;
    const { input, output } = streams;
    this.#outlet = new Outlet(output, (piece) => this.#wrote(piece));
    unblock(output);
    // Whatever ends the program, the terminal is usable after it. (Node itself restores the line's settings.)
    const restore = () => void output.write(this.#modes.undo());
    process.once("exit", restore);
    this.#scope.defer(() => process.off("exit", restore));
    this.#listen(output, "resize", () => this.#resized.fire());
    this.#listen(input, "data", (text) => this.#typed.fire(String(text)));
    for (const end of ["end", "error"]) this.#listen(input, end, () => this.#gone.fire());
    input.setEncoding("utf8");
    input.setRawMode(true);
  }

  /** What the terminal hasn't taken yet, in bytes. */
  get backlog(): number {
    return this.#outlet.backlog;
  }

  /** Output of the session. */
  write(output: string): void {
    if (output !== "") this.#outlet.write(Buffer.from(output));
  }

  /** A line of our own. What the session's programs switched on is switched off, so that it can be read. */
  say(text: string): void {
    const line = this.#paint("dim", text);
    this.#outlet.write(() =>
      Buffer.from(`${this.#modes.undo()}${this.#atLineStart ? "" : "\r\n"}${line}\r\n`),
    );
  }

  /** Forgets what is shown, before it is written anew. */
  clear(): void {
    this.#outlet.write(() => Buffer.from(this.#modes.undo() + clear));
  }

  /** Gives the terminal back for a while: to a shell that this is suspended in. */
  async suspend(): Promise<void> {
    this.#outlet.write(() => Buffer.from(this.#modes.undo()));
    await runWithDeadline(flushMs, "What was written", (signal) => this.#outlet.drained(signal)).catch(
      () => {},
    );
    this.#streams.input.setRawMode(false);
  }

  resume(): void {
    if (!this.#scope.disposed) this.#streams.input.setRawMode(true);
  }

  bell(): void {
    this.write("\u0007");
  }

  /** Drops what the terminal hasn't taken yet and waits for the rest. @throws the signal's reason */
  async catchUp(signal: AbortSignal): Promise<void> {
    this.#outlet.drop();
    await this.#outlet.drained(signal);
  }

  /** Gives the terminal back as it was; one that takes nothing any more is left after a second. */
  async close(lastLine: string | undefined): Promise<void> {
    const { input } = this.#streams;
    this.#outlet.drop();
    if (lastLine === undefined) this.#outlet.write(() => Buffer.from(this.#modes.undo()));
    else this.say(lastLine);
    await runWithDeadline(flushMs, "The last words", (signal) => this.#outlet.drained(signal)).catch(
      () => {},
    );
    this.#scope.dispose();
    input.pause();
    if (!input.destroyed) input.setRawMode(false);
  }

  #wrote(piece: Buffer): void {
    // The sequences are plain ASCII, and a piece may be cut inside a character.
    this.#modes.read(piece.toString("latin1"));
    this.#atLineStart = piece.at(-1) === lineFeed;
  }

  #listen(stream: NodeJS.ReadStream | NodeJS.WriteStream, event: string, listener: (value: unknown) => void) {
    stream.on(event, listener);
    this.#scope.defer(() => stream.off(event, listener));
  }
}

/** Node makes terminals block: one that takes nothing for a while would hold up keys and signals with it. */
function unblock(stream: NodeJS.WriteStream): void {
  const handle = "_handle" in stream ? stream._handle : undefined;
  if (typeof handle !== "object" || handle === null || !("setBlocking" in handle)) return;
  if (typeof handle.setBlocking === "function") handle.setBlocking(false);
}
