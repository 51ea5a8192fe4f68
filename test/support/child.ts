import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { stripVTControlCharacters } from "node:util";
import { patienceMs, waitFor } from "./wait.ts";

/** How a program ended, and what it wrote. */
export interface Finished {
  /** Exit code; null after a signal. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly elapsedMs: number;
}

/** A program under way whose output is kept. */
export interface Running {
  readonly pid: number;
  readonly process: ChildProcess;
  /** What it has written so far. */
  stdout(): string;
  stderr(): string;
  /** Settles when it has ended and its output is complete. @throws Error with the output after `timeoutMs` */
  finished(timeoutMs?: number): Promise<Finished>;
  /** Waits until the output so far, without its colours, has this in it. @returns the match */
  printed(pattern: RegExp, timeoutMs?: number): Promise<RegExpMatchArray>;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Written to its standard input, which is closed after. */
  readonly input?: string;
  readonly detached?: boolean;
  /** The user and group to run as, by number; takes root. */
  readonly id?: number;
}

/** Starts a program without a shell and collects its output. @throws what `spawn` throws, e.g. ENOENT */
export async function startProgram(
  file: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<Running> {
  const begun = performance.now();
  const settings: SpawnOptions = {
    stdio: [options.input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
    detached: options.detached ?? false,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.env === undefined ? {} : { env: options.env }),
    ...(options.id === undefined ? {} : { uid: options.id, gid: options.id }),
  };
  const child = spawn(file, args, settings);
  const stdout = collect(child.stdout);
  const stderr = collect(child.stderr);
  const output = () => `$ ${[file, ...args].join(" ")}\n${stdout()}${stderr()}`;
  let done: Finished | undefined;
  child.once("close", (code, signal) => {
    done = { code, signal, stdout: stdout(), stderr: stderr(), elapsedMs: performance.now() - begun };
  });
  await new Promise<void>((resolve, reject) => child.once("spawn", resolve).once("error", reject));
  child.on("error", () => {});
  child.stdin?.on("error", () => {});
  child.stdin?.end(options.input);
  return {
    pid: child.pid ?? Number.NaN,
    process: child,
    stdout,
    stderr,
    finished: (timeoutMs = patienceMs) =>
      waitFor(`${file} to end`, () => done, { timeoutMs, describe: output }).catch((error) => {
        child.kill("SIGKILL");
        throw error;
      }),
    printed: (pattern, timeoutMs = patienceMs) => {
      let seen: string | undefined;
      return waitFor(
        `${pattern} in the output`,
        () => {
          const hasEnded = done !== undefined;
          const shown = `${stdout()}${stderr()}`;
          if (shown === seen && !hasEnded) return undefined;
          seen = shown;
          const match = stripVTControlCharacters(shown).match(pattern);
          if (match === null && hasEnded)
            throw new Error(`It ended before it printed ${pattern}.\n${output()}`);
          return match;
        },
        { timeoutMs, describe: output },
      );
    },
  };
}

/**
 * Runs a program to its end. @throws Error with the output so far after `timeoutMs` milliseconds, {@link patienceMs}
 * unless told
 */
export async function runProgram(
  file: string,
  args: readonly string[],
  options: RunOptions & { timeoutMs?: number } = {},
): Promise<Finished> {
  return (await startProgram(file, args, options)).finished(options.timeoutMs);
}

/** @returns what came so far; put together again only where more has come, for it is asked for again and again */
function collect(stream: NodeJS.ReadableStream | null): () => string {
  const chunks: Buffer[] = [];
  let whole = "";
  let isWhole = true;
  stream?.on("data", (chunk: Buffer) => {
    chunks.push(chunk);
    isWhole = false;
  });
  return () => {
    if (!isWhole) whole = Buffer.concat(chunks).toString("utf8");
    isWhole = true;
    return whole;
  };
}
