import * as z from "zod";
import { Exit } from "../model/exit.ts";
import { HolderView } from "../model/holder.ts";
import { OfApp } from "./place.ts";

/** Which server ends when no one else uses it: none, any, or only one that was launched to end with its last user. */
export const UnusedEnd = z.enum(["none", "any", "whileUsed"]);
export type UnusedEnd = z.infer<typeof UnusedEnd>;

export const LeaveParams = OfApp.extend({ stop: UnusedEnd.default("none") });

/** What became of a server when one of its users left. */
export const LeaveResult = z.object({
  /** `left`: it runs on. */
  outcome: z.enum(["left", "stopped", "not_running"]),
  /** Whether it was started by hand, so that it isn't ended unasked. */
  byHand: z.boolean(),
  /** Who uses it still, the longest first. */
  others: z.array(HolderView),
});
export type LeaveResult = z.infer<typeof LeaveResult>;

/** `launch`: as the environment of its processes has it. */
export const OwnLaunchParams = OfApp.extend({ launch: z.string().min(1) });

export const LaunchOutputParams = OfApp.extend({
  /** Which launch; the present (or last) one without. */
  launch: z.string().optional(),
  /** Absolute offset in bytes, as `next` says; from the launch's beginning without one. */
  cursor: z.int().nonnegative().optional(),
  /** Without a cursor: only about this many bytes, the last ones, from the beginning of a line on. */
  last: z.int().positive().optional(),
  /** Wait up to this long (ms) for more where there is nothing. */
  waitMs: z.number().nonnegative().max(60_000).default(0),
});

export const LaunchOutput = z.object({
  /** The launch this is of, to be named when asking for what follows. */
  launch: z.string(),
  /** Bytes as the terminal got them, base64. */
  data: z.string(),
  next: z.int().nonnegative(),
  /** Bytes before these that are no longer kept. */
  skipped: z.int().nonnegative(),
  /** Present once the launch has ended and everything it wrote has been read; null where nothing says how it ended. */
  over: z.object({ exit: z.nullable(Exit) }).optional(),
});
export type LaunchOutput = z.infer<typeof LaunchOutput>;
