import * as z from "zod";
import { HealthComponentName } from "../model/health.ts";
import { JournalKind } from "../model/journal.ts";
import { MessageKind } from "../model/thread.ts";
import { OfApp } from "./place.ts";

export const LogsParams = OfApp.extend({
  /** Messages after this sequence; 0 for the oldest kept; absent for the last ones. */
  cursor: z.int().nonnegative().optional(),
  /** Messages before this sequence, the nearest; not together with `cursor`. */
  before: z.int().positive().optional(),
  limit: z.int().min(1).max(5000).default(200),
  /** Regular expression a message must match: JavaScript's, without lookaround and backreferences. */
  grep: z.string().optional(),
  /**
   * Words a message must hold, all of them in any order and case; `word*` for all that begin so. Fast in any thread.
   */
  search: z.string().optional(),
  kinds: z.array(MessageKind).min(1).optional(),
  /** Only messages from this time on, in milliseconds since the epoch; without cursor and before: the first of them. */
  since: z.number().optional(),
  /** Only messages up to this time. */
  until: z.number().optional(),
  /** Wait up to this long (ms) for a first message instead of answering with an empty page. */
  waitMs: z.number().nonnegative().max(60_000).default(0),
});
export type LogsParams = z.infer<typeof LogsParams>;

export const JournalParams = z.object({
  /** Entries after this sequence; 0: from the oldest kept; absent for the last ones. */
  cursor: z.int().nonnegative().optional(),
  /** Entries before this sequence; without a cursor the last of them. */
  before: z.int().positive().optional(),
  limit: z.int().min(1).max(5000).default(200),
  /** Only entries from this time on, and up to that one, in milliseconds since the epoch. */
  since: z.number().optional(),
  until: z.number().optional(),
  kinds: z.array(JournalKind).min(1).optional(),
  sandboxId: z.string().optional(),
  session: z.string().optional(),
  /** Wait up to this long (ms) for a first entry instead of answering with an empty page. */
  waitMs: z.number().nonnegative().max(60_000).default(0),
});

export const HealthHistoryParams = z.object({
  /** Of this one only. */
  component: HealthComponentName.optional(),
  /** Milliseconds since the epoch, both inclusive; by default all that is kept. */
  from: z.number().nonnegative().optional(),
  to: z.number().nonnegative().optional(),
  /** As a page named it for what follows. */
  cursor: z.string().max(100).optional(),
  limit: z.int().min(1).max(5000).default(1000),
});
