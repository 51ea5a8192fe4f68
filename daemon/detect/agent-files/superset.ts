import * as z from "zod";
import { type AgentFile, commandOf, declared, linesOf, part } from "./declared.ts";

const File = z.object({
  setup: z.unknown().optional(),
  run: z.unknown().optional(),
  teardown: z.unknown().optional(),
});

/** Superset's scripts of a workspace. */
export const superset: AgentFile = {
  path: ".superset/config.json",
  format: "json",
  read: (value) => {
    const { setup, run, teardown } = part(File, value) ?? {};
    const line = linesOf(run);
    return declared({
      apps: line === undefined ? [] : [{ name: undefined, ...commandOf(line) }],
      setup: linesOf(setup),
      teardown: linesOf(teardown),
    });
  },
};
