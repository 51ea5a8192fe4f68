import { dirname, join } from "node:path";
import { runProgram } from "../child.ts";
import { repository } from "../paths.ts";
import type { FileOutcome } from "./test-file.ts";

/**
 * Runs a tool of this repository as one test: it passes if the exit code is 0.
 * @param name what it checks, in words
 * @param command a program of node_modules/.bin, or `node`, with its arguments
 */
export async function runTool(
  name: string,
  command: readonly string[],
  timeoutMs: number,
): Promise<FileOutcome> {
  const begun = performance.now();
  const [program = "", ...args] = command;
  const file = program === "node" ? process.execPath : join(repository, "node_modules/.bin", program);
  const env = { ...process.env, PATH: `${dirname(process.execPath)}:${process.env["PATH"]}` };
  const outcome = (passed: boolean, report: string): FileOutcome => ({
    file: `${name} (${command.join(" ")})`,
    totals: { passed: passed ? 1 : 0, failed: passed ? 0 : 1, skipped: 0 },
    elapsedMs: performance.now() - begun,
    report,
  });
  try {
    const { code, stdout, stderr } = await runProgram(file, args, { cwd: repository, env, timeoutMs });
    return outcome(code === 0, `${stdout}${stderr}`);
  } catch (error) {
    return outcome(false, error instanceof Error ? error.message : String(error));
  }
}
