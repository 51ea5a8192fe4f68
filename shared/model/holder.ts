import * as z from "zod";
import { ProcessIdentity } from "./process.ts";

/** `program`: runs commands without a terminal, e.g. an agent that uses the command line, a script, a CI job. */
export const HolderKind = z.enum(["window", "terminal", "agent", "program"]);
export type HolderKind = z.infer<typeof HolderKind>;

/** A process on whose behalf a session is used, from its first use until it stops the session or ends. */
export const Holder = ProcessIdentity.extend({
  kind: HolderKind,
  /** In words, e.g. `window of my-app`. */
  label: z.string(),
  /** Its first use, in milliseconds since the epoch. */
  since: z.number(),
  /** The agent that a tool server works for, which may run commands of its own. */
  agent: ProcessIdentity.optional(),
});
export type Holder = z.infer<typeof Holder>;

/** A holder as people see it. */
export const HolderView = Holder.pick({ kind: true, since: true }).extend({
  /** In words; names the machine where it isn't the daemon's own. */
  label: z.string(),
  /** Name of the machine it lives on. */
  machine: z.string(),
});
export type HolderView = z.infer<typeof HolderView>;
