import * as z from "zod";
import { AppName, Port } from "../model/app.ts";
import { HolderView } from "../model/holder.ts";
import { StartedBy } from "../model/session.ts";

/**
 * How a program that ends processes by name compares: `part`, a pattern somewhere in the name (`pkill`); `whole`, the very
 * name (`killall`); `line`, a pattern somewhere in the command line (`pkill -f`).
 */
const NameMatch = z.enum(["part", "whole", "line"]);

/** What a command line would signal, as far as its words say. */
export const Aim = z.object({
  ports: z.array(Port).max(100),
  pids: z.array(z.int().positive()).max(100),
  /** Process groups, by their leaders' pids. */
  groups: z.array(z.int().positive()).max(100),
  names: z
    .array(z.object({ pattern: z.string().min(1).max(1_000), match: NameMatch, ignoreCase: z.boolean() }))
    .max(20),
});
export type Aim = z.infer<typeof Aim>;

/** A server that would be hit. */
export const Target = z.object({
  session: z.string(),
  app: AppName,
  /** Absolute directory of its sandbox. */
  root: z.string(),
  /** Absolute; where it runs. */
  cwd: z.string(),
  url: z.string().nullable(),
  /** One process that would be hit, as people know it. */
  command: z.string(),
  /** Whether it was started by hand, and not by Devlatch. */
  byHand: z.boolean(),
  startedBy: StartedBy.optional(),
  holders: z.array(HolderView),
  /** Whether nothing but the program that asks, and what that runs, uses it. */
  own: z.boolean(),
});
export type Target = z.infer<typeof Target>;

export const Targets = z.object({
  targets: z.array(Target).max(100),
  /** Whether the daemon itself would be hit. */
  daemon: z.boolean(),
});
export type Targets = z.infer<typeof Targets>;
