import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";

/** What runs with pipes instead of a terminal. */
export interface PipedCommand {
  /** Absolute path of the program. */
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Whether the arguments are a line for the program to read as it stands (`cmd.exe`). */
  readonly verbatim?: boolean;
}

/**
 * Spawns a program with three pipes, as leader of its own session and process group; on Windows on a console of its own that
 * has no window: what is below it shares that, and Ctrl-C and Ctrl-Break reach them all.
 * @throws Error where it can't be spawned
 */
export function spawnPiped(command: PipedCommand): ChildProcessWithoutNullStreams & { readonly pid: number } {
  const child = spawn(command.file, [...command.args], {
    cwd: command.cwd,
    env: { ...command.env },
    stdio: "pipe",
    detached: process.platform !== "win32",
    windowsHide: true,
    windowsVerbatimArguments: command.verbatim ?? false,
  });
  const { pid } = child;
  // Where there is no pid, the error that says why comes later.
  child.on("error", () => {});
  child.stdin.on("error", () => {});
  if (pid === undefined) throw new Error(`${command.file} can't be spawned`);
  return Object.assign(child, { pid });
}
