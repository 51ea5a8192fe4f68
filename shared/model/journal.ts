import * as z from "zod";
import { Exit } from "./exit.ts";
import { HealthComponentName, HealthStatus } from "./health.ts";
import { ProcessView } from "./process.ts";
import { SessionState } from "./session.ts";

/**
 * A signal that was sent, by the daemon or by a session's host. Everything else Devlatch does to a process starts it.
 */
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

/** What became of a lock. Renewals are no events, nor are locks of a moment without waiters. Times in ms. */
export const LockHappening = z.object({
  kind: z.literal("lock"),
  key: z.string(),
  /** Whose attempt or grant it was, in words. */
  owner: z.string(),
  change: z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("granted"), fence: z.number(), waitMs: z.number() }),
    z.object({ kind: z.literal("released"), fence: z.number(), holdMs: z.number() }),
    z.object({ kind: z.literal("lost"), fence: z.number(), holdMs: z.number() }),
    /** It was taken away. */
    z.object({ kind: z.literal("broken"), fence: z.number(), by: z.string() }),
    /** It was waited for unusually long; `code` is that of the error where that was in vain. */
    z.object({ kind: z.literal("waited"), waitMs: z.number(), code: z.string().optional() }),
  ]),
});

/** What became of an exclusive run, or of a call for one. */
export const RunHappening = z.object({
  kind: z.literal("run"),
  sandboxId: z.string(),
  session: z.string(),
  key: z.string(),
  change: z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("executed"), command: z.string() }),
    z.object({ kind: z.literal("attached") }),
    z.object({ kind: z.literal("replayed") }),
    z.object({ kind: z.literal("ended"), exit: Exit, exitCode: z.int() }),
    z.object({ kind: z.literal("cancelled"), exitCode: z.int() }),
    /** There is no result. */
    z.object({ kind: z.literal("failed"), message: z.string() }),
  ]),
});

/** What became of a sandbox of a pool. */
export const SandboxHappening = z.object({
  kind: z.literal("sandbox"),
  sandboxId: z.string(),
  path: z.string(),
  change: z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("created") }),
    z.object({ kind: z.literal("claimed"), owner: z.string() }),
    /** `rescued`: the branch that keeps what existed nowhere else. */
    z.object({ kind: z.literal("released"), owner: z.string(), rescued: z.string().nullable() }),
    z.object({ kind: z.literal("reset") }),
    /** Its lease had ended and it was idle. */
    z.object({ kind: z.literal("reaped"), owner: z.string() }),
    z.object({ kind: z.literal("removed") }),
  ]),
});

/** A record of the shared store was refused: who may write there wrote what no daemon of ours writes. */
export const RecordRefused = z.object({
  kind: z.literal("record"),
  key: z.string(),
  /** What is wrong with it, in words that follow its key. */
  problem: z.string(),
});

/** What became of the daemon. */
export const DaemonEvent = z.object({
  kind: z.literal("daemon"),
  pid: z.int(),
  change: z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("started"), version: z.string() }),
    z.object({ kind: z.literal("stopped"), reason: z.string() }),
    /** The daemon before it, whose pid this is, had died without a word. */
    z.object({ kind: z.literal("took-over"), from: z.int() }),
  ]),
});

/** What became of something that was to be cleaned up. One that succeeds at once is no event. */
export const CleanupHappening = z.object({
  kind: z.literal("cleanup"),
  /** What is to be done to which thing, in words; of the doctor what it does, and to what it found. */
  what: z.string(),
  thing: z.string(),
  change: z.discriminatedUnion("kind", [
    /** It failed for the first time, and is tried again. */
    z.object({ kind: z.literal("failed"), message: z.string() }),
    /** It is done, after so many failures. */
    z.object({ kind: z.literal("done"), failures: z.int() }),
    /** The doctor did it, for it was asked to. */
    z.object({ kind: z.literal("fixed") }),
    /** The doctor was asked to do it, and couldn't. */
    z.object({ kind: z.literal("not-fixed"), message: z.string() }),
  ]),
});

/** What became of the journal itself: the only events after which something may be missing. */
export const JournalTrouble = z.object({
  kind: z.literal("journal"),
  change: z.discriminatedUnion("kind", [
    /** `aside`: where the damaged file is; null if it could not be kept. */
    z.object({ kind: z.literal("damaged"), reason: z.string(), aside: z.string().nullable() }),
    /** Events that were given up while the file could not be written. */
    z.object({ kind: z.literal("lost"), events: z.int(), reason: z.string() }),
  ]),
});

/** What is shown of an entry that can't be read, in characters. */
const longestUnreadable = 1_000;

/** Written by another version of Devlatch, or garbled: shown as it is, so that one event never costs a page. */
export const UnreadableEvent = z.object({ kind: z.literal("unreadable"), text: z.string() });

/** Something that happened on this machine, worth knowing later. */
export const JournalEvent = z.discriminatedUnion("kind", [
  SignalEvent,
  SessionEvent,
  LockHappening,
  RunHappening,
  SandboxHappening,
  DaemonEvent,
  HealthEvent,
  CleanupHappening,
  RecordRefused,
  JournalTrouble,
  UnreadableEvent,
]);
export type JournalEvent = z.infer<typeof JournalEvent>;
/** An event with what happened to the thing. */
export type EventOf<K extends JournalEvent["kind"]> = Extract<JournalEvent, { kind: K }>;

/** An entry that this version can't read. @param text what stands there, in JSON or garbled */
export function unreadable(text: string): EventOf<"unreadable"> {
  return { kind: "unreadable", text: text.slice(0, longestUnreadable) };
}

/** Kinds that can be asked for. */
export const JournalKind = z.enum([
  "signal",
  "session",
  "lock",
  "run",
  "sandbox",
  "daemon",
  "health",
  "cleanup",
  "record",
  "journal",
]);
export type JournalKind = z.infer<typeof JournalKind>;

/** An event in the journal. `seq` only grows, whichever process writes and however often the daemon is started. */
export const JournalEntry = z.object({
  seq: z.int().positive(),
  /** Milliseconds since the epoch, by the clock of its writer: entries are in the order of `seq`. */
  time: z.number(),
  // A client may be older than its daemon: a kind it has never heard of must not cost it the page.
  event: JournalEvent.catch(({ value }) => unreadable(JSON.stringify(value))),
});
export type JournalEntry = z.infer<typeof JournalEntry>;

/** A page of the journal, oldest first. */
export const JournalPage = z.object({
  entries: z.array(JournalEntry),
  /** Cursor for what follows: the last sequence looked at. */
  next: z.int().nonnegative(),
  /** Cursor of the page before this one, or null where nothing that matches is before it. */
  prev: z.int().nonnegative().nullable(),
});
export type JournalPage = z.infer<typeof JournalPage>;
