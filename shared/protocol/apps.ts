import * as z from "zod";
import { AppName, External } from "../model/app.ts";
import { InSandbox } from "./place.ts";

/** As many apps are named at once. */
export const mostNames = 50;

export const MeantParams = InSandbox.extend({
  /** Without any, all that belong together are meant. */
  names: z.array(AppName).max(mostNames).default([]),
  /** `start`: what is to run. `running`: what runs, else what ran. */
  of: z.enum(["start", "running"]),
  /** Whether what runs and depends on those that are named is meant, too. */
  dependents: z.boolean().default(false),
});

/** An app that a caller means. */
export const MeantApp = z.object({
  app: AppName,
  /** Apps that must be ready before it, whether they are meant, too, or not. */
  dependsOn: z.array(z.string()),
  /** Whether a server of it runs, or is about to. */
  active: z.boolean(),
  external: External.optional(),
});
export type MeantApp = z.infer<typeof MeantApp>;

/** Something that runs elsewhere, and whether it accepts connections now. */
export const SeenExternal = z.object({ app: z.string(), answers: z.boolean() });
export type SeenExternal = z.infer<typeof SeenExternal>;

/** What others depend on comes first. */
export const MeantApps = z.object({ apps: z.array(MeantApp) });
export type MeantApps = z.infer<typeof MeantApps>;
