import * as z from "zod";
import { Exit } from "./exit.ts";
import { SandboxId } from "./sandbox.ts";
import { Hosting } from "./session.ts";

/** Names an exclusive run in its sandbox. Compared for equality, never by prefix. */
export const RunKey = z
  .string()
  .regex(/^[A-Za-z0-9._:/-]{1,100}$/, "has only letters, digits and . _ : / - (100 at most)")
  .describe("Name of the run: one execution at a time per name");
export type RunKey = z.infer<typeof RunKey>;

const since = z.number();

/** Where a run stands. Times are milliseconds since the epoch. */
export const RunState = z.discriminatedUnion("kind", [
  /** The intent, written before anything is launched. */
  z.object({ kind: z.literal("starting"), since }),
  z.object({ kind: z.literal("running"), since }),
  /** A caller asked to stop it. */
  z.object({ kind: z.literal("stopping"), since }),
  /** It ended by itself. `exitCode` is what a shell would report: the code, or 128 + the signal. */
  z.object({ kind: z.literal("finished"), since, exit: Exit, exitCode: z.int() }),
  /** It was stopped before it ended by itself. */
  z.object({ kind: z.literal("cancelled"), since, exitCode: z.int() }),
  /** There is no result: it could not be launched, or its host was killed. */
  z.object({
    kind: z.literal("failed"),
    since,
    error: z.object({ code: z.string(), message: z.string(), remedy: z.string() }),
  }),
]);
export type RunState = z.infer<typeof RunState>;

/** The last (or present) execution of a key, as the store keeps it. */
export const RunRecord = z.object({
  session: z.string(),
  key: RunKey,
  sandboxId: SandboxId,
  root: z.string(),
  /** Fencing token of the lease under which it was launched. */
  fence: z.number(),
  settings: z.object({
    command: z.array(z.string()),
    cwd: z.string(),
    /** What the caller gave explicitly, not what it inherited; of the values only digests, as of a session's. */
    env: z.record(z.string(), z.string()),
  }),
  stop: z.object({ signal: z.string(), timeoutMs: z.number() }),
  hosting: Hosting.options[0],
  state: RunState,
  startedAt: z.number(),
  /** The call that had it launched; the same call asking again is answered with the same execution. */
  callId: z.string(),
});
export type RunRecord = z.infer<typeof RunRecord>;

/** A run as clients see it. Environment values stay in the daemon. */
export const RunView = z.object({
  session: z.string(),
  key: RunKey,
  sandboxId: SandboxId,
  cwd: z.string(),
  /** The command as a person would type it. */
  command: z.string(),
  fence: z.number(),
  launchId: z.string(),
  state: RunState,
  startedAt: z.number(),
});
export type RunView = z.infer<typeof RunView>;

export function toRunView(record: RunRecord): RunView {
  const { session, key, sandboxId, fence, state, startedAt, settings, hosting } = record;
  const command = settings.command.join(" ");
  return {
    session,
    key,
    sandboxId,
    cwd: settings.cwd,
    command,
    fence,
    launchId: hosting.launchId,
    state,
    startedAt,
  };
}
