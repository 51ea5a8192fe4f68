import { EventEmitter } from "node:events";
import { constants } from "node:os";
import type * as library from "@lydell/node-pty";
import type { IPty } from "@lydell/node-pty";
import { DevlatchError } from "../../shared/base/errors.ts";
import type { Exit } from "../../shared/model/exit.ts";

/** What runs in a terminal. */
export interface TerminalCommand {
  /** Absolute path of the program. */
  readonly file: string;
  readonly args: readonly string[];
  /** Whether the arguments are parts of a line that the program reads as it stands (`cmd.exe`). */
  readonly verbatim?: boolean;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly columns: number;
  readonly rows: number;
}

/** A pseudo-terminal with the process that leads it. */
export interface Terminal {
  readonly pid: number;
  /** Pipes stand in for a terminal where the system has none to give; see `piped-terminal.ts`. */
  readonly kind: "pseudo-terminal" | "pipes";
  /** How the leader ended; settles after all its output was delivered. Never rejects. */
  readonly ended: Promise<Exit>;
  pause(): void;
  resume(): void;
  /** @throws DevlatchError `NOT_RUNNING` when it ended or doesn't read its input */
  write(data: string): void;
  /** @throws DevlatchError `NOT_RUNNING` when it ended */
  resize(columns: number, rows: number): void;
}

/** Input that may wait for a child that doesn't read, in bytes. */
const maxPendingInput = 1024 * 1024;
/** How long output may go on arriving after the leader's exit, in milliseconds, before the terminal is given up. */
const drainMs = 5_000;

/** What opens terminals, once its native part is loaded. */
export type TerminalLibrary = Pick<typeof library, "spawn">;

/**
 * Loads what opens terminals. Its native part is an optional dependency of the package: not every installation has it.
 * @throws DevlatchError `HOST_FAILED` where it is missing or made for another system
 */
export async function loadTerminals(): Promise<TerminalLibrary> {
  try {
    return await import("@lydell/node-pty");
  } catch (cause) {
    const system = `${process.platform}-${process.arch}`;
    throw new DevlatchError(
      "HOST_FAILED",
      `What Devlatch runs servers in, a pseudo-terminal, isn't installed for ${system}.`,
      "Install Devlatch again with its optional dependencies: npm install devlatch --include=optional",
      { cause },
    );
  }
}

/**
 * Spawns a command as leader of its own session on a new pseudo-terminal.
 * @param onOutput receives raw bytes as they come
 * @throws what the operating system says (no terminals or descriptors left)
 */
export function openTerminal(
  { spawn }: TerminalLibrary,
  command: TerminalCommand,
  onOutput: (bytes: Buffer) => void,
): Terminal {
  // On Windows a text is the line as it stands; words would be quoted.
  const args = command.verbatim === true ? command.args.join(" ") : [...command.args];
  const pty = spawn(command.file, args, {
    name: "xterm-256color",
    cols: command.columns,
    rows: command.rows,
    cwd: command.cwd,
    env: { ...command.env },
    encoding: null,
  });
  return new PseudoTerminal(pty, onOutput);
}

class PseudoTerminal implements Terminal {
  readonly kind = "pseudo-terminal";
  readonly #pty: IPty;
  readonly #stream: OutputStream | undefined;
  readonly ended: Promise<Exit>;
  #open = true;

  constructor(pty: IPty, onOutput: (bytes: Buffer) => void) {
    this.#pty = pty;
    // With encoding null the library delivers buffers, which its types don't say.
    pty.onData((data: unknown) => onOutput(Buffer.isBuffer(data) ? data : Buffer.from(String(data))));
    this.#stream = keepOpenAfterExit(pty);
    this.ended = this.#end();
  }

  get pid(): number {
    return this.#pty.pid;
  }

  pause(): void {
    this.#pty.pause();
  }

  resume(): void {
    this.#pty.resume();
  }

  write(data: string): void {
    if (!this.#open) throw notRunning("The session's command has ended.");
    if ((this.#stream?.writableLength ?? 0) > maxPendingInput) {
      throw notRunning("The session's command doesn't read its input.");
    }
    this.#pty.write(data);
  }

  resize(columns: number, rows: number): void {
    if (!this.#open) throw notRunning("The session's command has ended.");
    this.#pty.resize(columns, rows);
  }

  async #end(): Promise<Exit> {
    const exit = await new Promise<Exit>((resolve) => {
      this.#pty.onExit(({ exitCode, signal }) => resolve(toExit(exitCode, signal)));
    });
    if (this.#stream) await drained(this.#stream);
    this.#open = false;
    return exit;
  }
}

/** The part of the library's stream that is used. */
interface OutputStream extends EventEmitter {
  readonly writableLength: number;
  readonly closed: boolean;
  destroy(): void;
}

/**
 * The library closes the terminal 200 ms after the leader's exit, whether or not all output was read: what a paused
 * or busy reader hadn't taken by then is lost. Told that it has closed already, it reports the exit at once and
 * leaves the stream to end by itself. (unixTerminal.js of @lydell/node-pty 1.1, `onexit`.)
 * @returns the stream, or undefined where the library is built otherwise (Windows)
 */
function keepOpenAfterExit(pty: IPty): OutputStream | undefined {
  if (!("_emittedClose" in pty) || !("_socket" in pty)) return undefined;
  const stream = pty._socket;
  if (!(stream instanceof EventEmitter)) return undefined;
  pty._emittedClose = true;
  // EIO is how Linux says that the terminal's other end is closed. With two listeners the library doesn't throw it.
  stream.on("error", () => {});
  return stream as OutputStream;
}

async function drained(stream: OutputStream): Promise<void> {
  if (stream.closed) return;
  await new Promise<void>((resolve) => {
    // A descendant outside the session can keep the terminal open; its writes then belong to no launch any more.
    const timer = setTimeout(() => stream.destroy(), drainMs);
    stream.once("close", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/** What a program that Ctrl-C or Ctrl-Break ended has as its code on Windows (STATUS_CONTROL_C_EXIT). */
const interruptedCode = 0xc000_013a;

/** @param code as the system has it @param signal its number; 0 or undefined for none */
export function toExit(code: number, signal: number | undefined): Exit {
  if (code >>> 0 === interruptedCode) return { code: null, signal: "SIGINT" };
  if (signal === undefined || signal === 0) return { code, signal: null };
  const name = Object.entries(constants.signals).find(([, number]) => number === signal)?.[0];
  return { code: null, signal: name ?? `signal ${signal}` };
}

/** The refusal of what can only be done with a command that runs. */
export function notRunning(message: string): DevlatchError {
  return new DevlatchError("NOT_RUNNING", message, "Run: devlatch status");
}
