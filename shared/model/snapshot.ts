import * as z from "zod";
import { AlertBoard, noAlerts } from "./alert.ts";
import { Concurrency, noConcurrency } from "./concurrency.ts";
import { HealthReport } from "./health.ts";
import { LockView } from "./lock.ts";
import { SessionView } from "./session.ts";

/** Everything a client shows, at one revision of one daemon (`epoch`). */
export const Snapshot = z.object({
  /** Changes with every daemon; revisions of different epochs can't be compared. */
  epoch: z.string(),
  revision: z.int().nonnegative(),
  sessions: z.array(SessionView),
  locks: z.array(LockView),
  /** When `locks` were read, in milliseconds since the epoch: their ages count on from then. */
  locksAt: z.number().default(() => Date.now()),
  health: HealthReport.nullable(),
  concurrency: Concurrency.default(noConcurrency),
  alerts: AlertBoard.default(noAlerts),
});
export type Snapshot = z.infer<typeof Snapshot>;

export const Change = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("session"), session: SessionView }),
  z.object({ kind: z.literal("session-removed"), key: z.string() }),
  z.object({
    kind: z.literal("locks"),
    locks: z.array(LockView),
    /** See {@link Snapshot.locksAt}. */
    at: z.number().default(() => Date.now()),
  }),
  z.object({ kind: z.literal("health"), health: HealthReport }),
  z.object({ kind: z.literal("concurrency"), concurrency: Concurrency }),
  z.object({ kind: z.literal("alerts"), alerts: AlertBoard }),
]);
export type Change = z.infer<typeof Change>;

/** One change; `revision` is the one it leads to, exactly one more than that of the delta before. */
export const Delta = z.object({ revision: z.int().positive(), change: Change });
export type Delta = z.infer<typeof Delta>;
