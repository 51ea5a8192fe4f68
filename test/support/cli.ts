import { join } from "node:path";
import { type Finished, type Running, type RunOptions, runProgram, startProgram } from "./child.ts";
import type { TestHome } from "./home.ts";
import { repository } from "./paths.ts";

/**
 * The built command line; `npm test` builds it before any test that runs it. `DEVLATCH_TEST_PROGRAM` names another build's,
 * to see a test fail on a commit from before its cure.
 */
export const commandLine = process.env["DEVLATCH_TEST_PROGRAM"] ?? join(repository, "dist/devlatch.js");

/** What a run of the command line came to. */
export interface CliResult extends Finished {
  /** The one JSON document on standard output. @throws Error with the whole output if that isn't what is there */
  readonly json: unknown;
}

export interface CliOptions extends Omit<RunOptions, "env"> {
  readonly home: TestHome;
  /** Beyond a user's environment. */
  readonly env?: NodeJS.ProcessEnv;
  /** For the whole run, in milliseconds; `patienceMs` unless told. */
  readonly timeoutMs?: number;
}

/** Runs `devlatch ARGS…` to its end. A non-zero exit code is a result, not an error. */
export async function runCli(args: readonly string[], options: CliOptions): Promise<CliResult> {
  const { home, env, ...rest } = options;
  const result = await runProgram(process.execPath, [commandLine, ...args], { ...rest, env: home.env(env) });
  return {
    ...result,
    get json() {
      return parseOne(args, result);
    },
  };
}

/** Starts `devlatch ARGS…` and leaves it running: `logs --follow`, `mcp`, a storm of callers. */
export function startCli(args: readonly string[], options: CliOptions): Promise<Running> {
  const { home, env, ...rest } = options;
  return startProgram(process.execPath, [commandLine, ...args], { ...rest, env: home.env(env) });
}

function parseOne(args: readonly string[], { code, stdout, stderr }: Finished): unknown {
  try {
    return JSON.parse(stdout);
  } catch {
    throw new Error(
      `devlatch ${args.join(" ")} (exit code ${code}) did not print one JSON document.\nstdout: ${stdout}\nstderr: ${stderr}`,
    );
  }
}
