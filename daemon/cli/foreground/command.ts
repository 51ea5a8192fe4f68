import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { constants } from "node:os";
import { cmdLine } from "../../../shared/base/cmd-line.ts";
import { DevlatchError } from "../../../shared/base/errors.ts";
import type { Exit } from "../../../shared/model/exit.ts";
import type { Interrupts, SignalName } from "../interrupts.ts";

/** A command in the foreground of this one: it has its terminal, its input and its output. */
export interface ForegroundCommand {
  /** Program and arguments; `NAME=VALUE` may stand in front. */
  readonly words: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** Where its standard output goes. */
  readonly output?: "stdout" | "stderr";
}

/** Looks a program up as a shell does, and takes assignments in front of it (POSIX, env(1)). */
const env = "/usr/bin/env";

/**
 * This process becomes the command: same pid, same terminal, same parent, so that signals, exit code and job control are
 * its own. Returns where the system has no such thing, and where it isn't safe.
 * @param changed whether a stream of this process was opened; see `OwnStreams`
 */
export function becomeCommand({ words, cwd, env: environment }: ForegroundCommand, changed: boolean): void {
  if (changed || process.execve === undefined || !existsSync(env)) return;
  process.chdir(cwd);
  process.execve(env, ["env", "--", ...words], environment);
}

/**
 * Runs the command and hands it the signals that this process gets.
 * @throws DevlatchError `COMMAND_NOT_FOUND` where it can't be run
 */
export async function runCommand(command: ForegroundCommand, interrupts: Interrupts): Promise<Exit> {
  const { words } = command;
  const [file = "", ...args] = words;
  if (existsSync(env)) return spawned(command, { file: env, args: ["--", ...words] }, interrupts);
  if (process.platform !== "win32") return spawned(command, { file, args }, interrupts);
  if (/\.(?:cmd|bat)$/i.test(file)) return spawned(command, throughCmd(words), interrupts);
  try {
    return await spawned(command, { file, args }, interrupts);
  } catch (error) {
    // Without an extension it may be a batch file.
    if (!isMissing(error)) throw error;
    return spawned(command, throughCmd(words), interrupts);
  }
}

/** What is spawned for a command. */
interface Spawned {
  readonly file: string;
  readonly args: readonly string[];
  /** Whether the arguments are parts of a line that the program reads as it stands. */
  readonly verbatim?: boolean;
}

async function spawned(
  { words, cwd, env: environment, output = "stdout" }: ForegroundCommand,
  { file, args, verbatim = false }: Spawned,
  interrupts: Interrupts,
): Promise<Exit> {
  const stdio: ["inherit", "inherit" | 2, "inherit"] = [
    "inherit",
    output === "stderr" ? 2 : "inherit",
    "inherit",
  ];
  const child = spawn(file, args, { cwd, env: environment, stdio, windowsVerbatimArguments: verbatim });
  const diversion = interrupts.divert((signal) => hand(signal, child));
  try {
    return await new Promise<Exit>((resolve, reject) => {
      child.once("error", (error) => reject(notRun(words, error)));
      child.once("exit", (code, signal) => resolve({ code, signal }));
    });
  } finally {
    diversion.dispose();
  }
}

function isMissing(error: unknown): boolean {
  const cause = error instanceof DevlatchError ? error.cause : undefined;
  return cause instanceof Error && "code" in cause && cause.code === "ENOENT";
}

/** On Windows package managers install programs as scripts of its shell: it finds them, and is told nothing else. */
function throughCmd(words: readonly string[]): Spawned {
  const line = cmdLine(words);
  if (line === undefined) {
    throw new DevlatchError(
      "COMMAND_NOT_FOUND",
      "The command has an argument that cmd would change: one with a quote, a line break or %NAME%.",
      "Put that argument into a file or a script, and run this.",
    );
  }
  return { file: process.env["ComSpec"] ?? "cmd.exe", args: ["/d", "/s", "/c", line], verbatim: true };
}

/** What a shell would say of how a command ended. */
export function exitCodeOf({ code, signal }: Exit): number {
  if (code !== null) return code;
  return 128 + (Object.entries(constants.signals).find(([name]) => name === signal)?.[1] ?? 0);
}

/** A terminal's Ctrl-C reaches everything in its foreground by itself; twice would mean that it was meant twice. */
function hand(signal: SignalName, child: ChildProcess): void {
  if (signal === "SIGINT" && process.stdin.isTTY) return;
  child.kill(signal);
}

function notRun(words: readonly string[], cause: Error): DevlatchError {
  return new DevlatchError(
    "COMMAND_NOT_FOUND",
    `\`${words.join(" ")}\` can't be run: ${cause.message}.`,
    "Correct the command behind --.",
    { cause },
  );
}
