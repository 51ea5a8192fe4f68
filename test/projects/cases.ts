import { globSync } from "node:fs";
import { basename, join } from "node:path";
import { startProgram } from "../support/child.ts";
import { repository } from "../support/paths.ts";

const suffix = ".test.ts";

/**
 * The slow cases whose names are wanted: their files in test/projects/cases, in order.
 * @param wanted names of files; `cases`: all of them; none: all of them
 */
export function casesCalled(wanted: readonly string[]): readonly string[] {
  const files = globSync(join(repository, "test/projects/cases", `*${suffix}`)).sort();
  if (wanted.length === 0 || wanted.includes("cases")) return files;
  return files.filter((file) => wanted.includes(basename(file, suffix)));
}

/** Runs these files one after the other, and shows what they say. @returns whether all passed */
export async function runCases(files: readonly string[]): Promise<boolean> {
  const register = join(repository, "test/support/register.mjs");
  const args = ["--import", register, "--test", "--test-concurrency=1", "--test-reporter=spec", ...files];
  const running = await startProgram(process.execPath, args, { cwd: repository });
  running.process.stdout?.pipe(process.stdout);
  running.process.stderr?.pipe(process.stderr);
  return (await running.finished(60 * 60_000)).code === 0;
}
