import * as z from "zod";
import { SpokenApp } from "../model/app.ts";

/** What several operations take. */
export const none = z.object({});
export const ofApp = z.object({ app: SpokenApp });
export const timeout = z.coerce.number().positive().max(1800).describe("Seconds to wait before giving up");
export const yes = z
  .boolean()
  .describe("Consent: do it without asking, also to what others use or Devlatch did not start");
/** Sequence of a message: what follows it is meant. */
export const after = z.coerce.number().int().nonnegative();
/** How a moment may be written; see `momentOf`. */
export const moments = "10m (ago), 14:30 or 2026-03-01T14:30";

/** A caller that works in a directory. */
export interface InDirectory {
  /** Absolute. */
  readonly cwd: string;
}

/** A caller that knows the time. */
export interface AtMoment {
  /** Milliseconds since the epoch. */
  readonly now: number;
}
