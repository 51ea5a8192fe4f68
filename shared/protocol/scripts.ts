import * as z from "zod";
import { AppName } from "../model/app.ts";
import { RunKey } from "../model/run.ts";
import { InSandbox } from "./place.ts";

export const ScriptParams = InSandbox.extend({
  /** A script of the package around the directory, or of its workspace's root; or a task of `devlatch.json`. */
  script: z.string().min(1).max(200),
});

/** What the name of a script or task stands for. */
export const ProjectScript = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("script"),
    /** Of the run that does it: one name for one script of one package. */
    key: RunKey,
    /** Program and arguments; run without a shell. */
    command: z.array(z.string()).min(1),
    /** Absolute directory of its package. */
    cwd: z.string(),
    /** What stands there in `package.json`. */
    says: z.string(),
  }),
  /** A task is done by a start. */
  z.object({ kind: z.literal("task"), app: AppName }),
  /** It starts a development server. */
  z.object({ kind: z.literal("server") }),
]);
export type ProjectScript = z.infer<typeof ProjectScript>;
