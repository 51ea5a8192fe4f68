import * as z from "zod";
import { HealthComponentName, HealthStatus } from "./health.ts";
import { ProcessView } from "./process.ts";
import { SessionState } from "./session.ts";

/** A signal that was sent, by the daemon or by a session's host. Everything else Devlatch does to a process starts it. */
export const SignalEvent = z.object({
  kind: z.literal("signal"),
  /** Who sent it: `daemon`, or the name of the session whose host it was. */
  by: z.string(),
  signal: z.string(),
  /** To whom, as it was in the moment before; pid and start time were compared then. */
  process: ProcessView,
});

/** A session came into another state. */
export const SessionEvent = z.object({
  kind: z.literal("session"),
  sandboxId: z.string(),
  session: z.string(),
  state: SessionState,
});

/** A component of the health view came into another state. */
export const HealthEvent = z.object({
  kind: z.literal("health"),
  component: HealthComponentName,
  from: HealthStatus,
  to: HealthStatus,
  /** Why, in words. */
  summary: z.string(),
});

/** Something that happened on this machine, worth knowing later. */
export const JournalEvent = z.discriminatedUnion("kind", [SignalEvent, SessionEvent, HealthEvent]);
export type JournalEvent = z.infer<typeof JournalEvent>;

/** An event in the journal. `seq` only grows, whoever writes and however often the daemon is started. */
export const JournalEntry = z.object({
  seq: z.int().positive(),
  /** Milliseconds since the epoch. */
  time: z.number(),
  event: JournalEvent,
});
export type JournalEntry = z.infer<typeof JournalEntry>;

/** A page of the journal, oldest first. `next` is the cursor for what follows. */
export const JournalPage = z.object({ entries: z.array(JournalEntry), next: z.int().nonnegative() });
export type JournalPage = z.infer<typeof JournalPage>;
