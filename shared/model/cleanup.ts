import * as z from "zod";
import { AppName } from "./app.ts";
import { SandboxId } from "./sandbox.ts";

/** What has to be done to finish a cleanup. Everything here can be repeated, by any later daemon of the home. */
export const CleanupTask = z.discriminatedUnion("kind", [
  /** End what a launch left that is over. */
  z.object({
    kind: z.literal("end-launch"),
    sandboxId: SandboxId,
    session: z.string(),
    launchId: z.string(),
    directory: z.string(),
    stop: z.object({ signal: z.string(), timeoutMs: z.number() }),
  }),
  /** Release what a daemon held that has ended. */
  z.object({ kind: z.literal("free-locks"), instance: z.string() }),
  /** Put a sandbox pool in order: finish what was begun, give up ports that no sandbox has. */
  z.object({ kind: z.literal("tidy-pool"), poolId: z.string() }),
  /** A session that was stopped has no holders. */
  z.object({ kind: z.literal("forget-holders"), sandboxId: SandboxId, app: AppName }),
]);
export type CleanupTask = z.infer<typeof CleanupTask>;

/** A cleanup in words, and as something that can be done. */
export interface Cleanup {
  /** What is to be done: "end what is left of". */
  readonly what: string;
  /** To which thing. */
  readonly thing: string;
  readonly task: CleanupTask;
}

/** Where cleanups that failed are reported, to be written down and tried again. */
export interface OwedCleanups {
  owe(cleanup: Cleanup, error: unknown): void;
}

/** A cleanup that isn't finished: it failed, or was announced before it begins. Times: ms since the epoch. */
export const OpenCleanup = z.object({
  id: z.string(),
  /** What is to be done to which thing, in words. */
  what: z.string(),
  thing: z.string(),
  task: CleanupTask,
  since: z.number(),
  /** How often it failed. */
  failures: z.int().nonnegative(),
  /** Why it failed the last time; absent where it was only begun. */
  error: z.object({ code: z.string(), message: z.string(), remedy: z.string() }).optional(),
  /** When it failed the last time. */
  failedAt: z.number().optional(),
});
export type OpenCleanup = z.infer<typeof OpenCleanup>;
