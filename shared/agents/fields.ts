import * as z from "zod";
import { start } from "../operations/servers.ts";

/**
 * Seconds that a tool waits unless the agent says otherwise: some clients give up after a minute, and what was begun goes
 * on.
 */
export const patienceSeconds = 50;

// Agents read them with every conversation: what several tools take is described in as few words as will do.
/** The operations' own app, which may be left out. */
export const app = start.args.shape.app.optional().describe("Default: the only one");
/** The operations' own time to wait. */
export const seconds = start.options.shape.timeout.describe(`Seconds to wait (${patienceSeconds})`);
export const port = start.options.shape.port.describe("Instead of the app's own");
export const onConflict = start.options.shape.onConflict.describe(
  "Port taken: fail (default), or the next free one",
);
/** Where a tool works: the one field that every tool has beside its operation's. */
export const directory = z
  .string()
  .min(1)
  .max(4_000)
  .optional()
  .describe("Project or worktree; default: the workspace");
