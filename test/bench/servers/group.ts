import type { Group } from "../group.ts";
import { commands } from "./command-line.ts";
import { idle } from "./idle.ts";
import { lookup } from "./lookup.ts";
import { output } from "./output.ts";
import { ready } from "./ready.ts";
import { stop } from "./stop.ts";
import { storm } from "./storm.ts";
import { warm } from "./warm.ts";

const measures = { stop, ready, lookup, output, idle, warm, commands, storm };

/** Servers, sessions and the daemon; each measurement on daemons of its own. */
export const servers: Group = {
  name: "servers",
  measures: Object.keys(measures),
  run: async (effort, wanted, done) => {
    for (const [name, measure] of Object.entries(measures)) {
      if (wanted.includes(name)) done(await measure(effort));
    }
  },
};
