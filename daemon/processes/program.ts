import { execa } from "execa";
import { DevlatchError } from "../../shared/base/errors.ts";

export interface ProgramCall {
  readonly file: string;
  readonly args: readonly string[];
  /** Longest time it may take, in milliseconds; it is ended then. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/**
 * What a program of our own prints on its standard output. It knows nothing of the daemon that asks: variables of
 * Devlatch are kept from it.
 * @throws DevlatchError `INTERNAL` where it can't be started, fails or takes too long; the signal's reason
 */
export async function runProgram({ file, args, timeoutMs, signal }: ProgramCall): Promise<string> {
  signal.throwIfAborted();
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith("DEVLATCH_"));
  const result = await execa(file, args, {
    reject: false,
    stdin: "ignore",
    env: Object.fromEntries(own),
    extendEnv: false,
    cancelSignal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    forceKillAfterDelay: 100,
    maxBuffer: 1024 * 1024,
  });
  signal.throwIfAborted();
  if (result.exitCode === 0) return result.stdout;
  const why = (result.stderr || result.shortMessage || `it ended with code ${result.exitCode}`).trim();
  throw new DevlatchError(
    "INTERNAL",
    `${args[0] ?? file} failed: ${why.slice(-500)}`,
    "Run devlatch doctor; it checks the installation.",
  );
}
