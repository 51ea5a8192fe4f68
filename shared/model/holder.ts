import * as z from "zod";
import { ProcessIdentity } from "./process-identity.ts";
import { isSameProcess } from "./process-words.ts";

/** `program`: runs commands without a terminal, e.g. an agent that uses the command line, a script, a CI job. */
export const HolderKind = z.enum(["window", "terminal", "agent", "program"]);
export type HolderKind = z.infer<typeof HolderKind>;

/** A process on whose behalf a session is used, from its first use until it stops the session or ends. */
export const Holder = z.object({
  ...ProcessIdentity.shape,
  kind: HolderKind,
  /** In words, e.g. `window of my-app`. */
  label: z.string(),
  /** The agent's own process, where it uses the session by another, which may outlive it. */
  agent: z.optional(ProcessIdentity),
  /** Its first use, in milliseconds since the epoch. */
  since: z.number(),
});
export type Holder = z.infer<typeof Holder>;

/** A caller, as far as it tells which others are the same: a process, or what an agent's processes have in common. */
export type Party = ProcessIdentity & Pick<Holder, "agent" | "kind" | "label">;

/** Whether two are the same user: an editor's process stands for its window, and for an agent that works within it. */
export function isSameUser(one: Party, other: Party): boolean {
  return isSameProcess(one, other) && (one.kind === "agent") === (other.kind === "agent");
}

/**
 * Whether two act for the same: one user, or processes of one agent, which may be a program that isn't known as one. Tool
 * servers that one program runs for agents of different names are different agents'. A window or terminal is a person's,
 * whatever it runs.
 */
export function isSameParty(one: Party, other: Party | undefined): boolean {
  if (other === undefined) return false;
  const servers = one.agent !== undefined && other.agent !== undefined;
  if (isPerson(one) || isPerson(other) || (servers && one.label !== other.label))
    return isSameUser(one, other);
  return [one, one.agent].some(
    (mine) => mine && (isSameProcess(mine, other) || isSameProcess(mine, other.agent)),
  );
}

/** Whether a person uses it by hand: in a window or at a terminal. */
export function isPerson({ kind }: Pick<Holder, "kind">): boolean {
  return kind === "window" || kind === "terminal";
}

/** A holder as people see it. */
export const HolderView = Holder.pick({ kind: true, since: true }).extend({
  /** In words; names the machine where it isn't the daemon's own. */
  label: z.string(),
  /** Name of the machine it lives on. */
  machine: z.string(),
});
export type HolderView = z.infer<typeof HolderView>;
