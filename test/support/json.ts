import assert from "node:assert/strict";
import { type CliOptions, runCli } from "./cli.ts";

/** Runs `devlatch ARGS… --json`, which must succeed. @returns the document it printed */
export async function runJson<T>(args: readonly string[], options: CliOptions): Promise<T> {
  const split = args.indexOf("--");
  const at = split === -1 ? args.length : split;
  const result = await runCli([...args.slice(0, at), "--json", ...args.slice(at)], options);
  assert.equal(result.code, 0, result.stdout + result.stderr);
  return result.json as T;
}
