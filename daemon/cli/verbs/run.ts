import { DevlatchError } from "../../../shared/base/errors.ts";
import { operations } from "../../../shared/operations/operations.ts";
import type { Context } from "../context.ts";
import { execute } from "./run-execution.ts";
import { type Report, verb } from "./verb.ts";

export const run = verb(operations.run, async ({ key, command, once, ttl, env, stop }, context) => {
  if (stop) return stopRun(key, context);
  if (!command) throw usage("There is no command to run.", `Give it after --: devlatch run ${key} -- CMD…`);
  if (ttl !== undefined && !once) throw usage("--ttl says how old a replayed result may be.", "Add --once.");
  const replayMs = once ? { replayMs: (ttl ?? 0) * 1000 } : {};
  return execute({ key, command, inputs: variables(env ?? []), ...replayMs }, context);
});

async function stopRun(key: string, context: Context): Promise<Report> {
  const connection = await context.ensure();
  const params = { cwd: context.cwd, key };
  const result = await connection.request("run/stop", params, { signal: context.signal });
  const text = result.outcome === "stopped" ? `The run ${key} was stopped` : `The run ${key} wasn't running`;
  return { data: result, text };
}

function variables(words: readonly string[]): Record<string, string> {
  const entries = words.map((word) => {
    const at = word.indexOf("=");
    if (at < 1)
      throw usage(`--env wants NAME=VALUE; got ${JSON.stringify(word)}.`, "Correct it and try again.");
    return [word.slice(0, at), word.slice(at + 1)] as const;
  });
  return Object.fromEntries(entries);
}

function usage(message: string, remedy: string): DevlatchError {
  return new DevlatchError("INVALID_INPUT", message, remedy);
}
