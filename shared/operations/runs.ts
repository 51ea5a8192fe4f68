import * as z from "zod";
import { DevlatchError } from "../base/errors.ts";
import { RunKey } from "../model/run.ts";
import type { Params } from "../protocol/methods.ts";
import { secondsMs } from "./duration.ts";
import type { InDirectory } from "./fields.ts";
import { type Input, steps, to } from "./operation.ts";

const args = z.object({
  key: RunKey,
  command: z.array(z.string()).optional().describe("Command to run, without a shell"),
});
/** A command by the name that its project gives it. */
export const ofScript = z.object({
  script: z.string().min(1).max(200).describe("Its name"),
});
/** What such a name stands for. */
export const scriptOf = to(
  "project/script",
  ({ script }: z.output<typeof ofScript>, { cwd }: InDirectory) => ({
    cwd,
    script,
  }),
);
const options = z.object({
  once: z
    .boolean()
    .optional()
    .describe("Replay the last result of the same command, directory and --env instead of running again"),
  ttl: z.coerce
    .number()
    .positive()
    .max(31_536_000)
    .optional()
    .describe("How old a replayed result may be, in seconds; an hour unless told"),
  env: z
    .array(z.string())
    .optional()
    .describe("NAME=VALUE for the command; part of what --once compares. May be repeated"),
  stop: z.boolean().optional().describe("Stop the run of this key with everything it started"),
});
type Run = Input<typeof args, typeof options>;

/** Who has a command run. */
type Runner = Pick<Params<"run/start">, "cwd" | "env" | "callId" | "size">;

export const run = steps({
  summary:
    "Run a command at most once at a time per key: later callers attach to its output and get its exit code.",
  args,
  options,
  palette: null,
  requests: {
    start: to("run/start", ({ key, command, once = false, ttl, env: inputs = [] }: Run, caller: Runner) => {
      if (!command)
        throw usage("There is no command to run.", `Give it after --: devlatch run ${key} -- CMD…`);
      if (ttl !== undefined && !once)
        throw usage("--ttl says how old a replayed result may be.", "Add --once.");
      const { cwd, env, callId, size } = caller;
      return { cwd, key, command, env, inputs: variables(inputs), once, ttlMs: secondsMs(ttl), callId, size };
    }),
    stop: to("run/stop", ({ key }: Run, { cwd }: InDirectory) => ({ cwd, key })),
  },
});

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
