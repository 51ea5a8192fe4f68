import * as z from "zod";
import { type AgentFile, commandOf, declared, linesOf, part } from "./declared.ts";

const File = z.object({
  scripts: z.object({
    setup: z.unknown().optional(),
    run: z.unknown().optional(),
    archive: z.unknown().optional(),
  }),
});

/** Conductor's scripts of a workspace. */
export const conductor: AgentFile = {
  path: "conductor.json",
  format: "json",
  read: (value) => {
    const scripts = part(File, value)?.scripts;
    // The first of the ports that Conductor gives a workspace.
    const run = linesOf(scripts?.run)?.replace(/\$(?:CONDUCTOR_PORT\b|\{CONDUCTOR_PORT\})/g, "{port}");
    return declared({
      apps: run === undefined ? [] : [{ name: undefined, ...commandOf(run) }],
      setup: linesOf(scripts?.setup),
      teardown: linesOf(scripts?.archive),
    });
  },
};
