import { join } from "node:path";
import { repository } from "../../support/paths.ts";
import { installDependencies } from "../../support/projects.ts";
import { startRedis } from "../../support/redis.ts";
import type { Group } from "../group.ts";
import { contention, handOff, pipelined, renewal, settled, uncontended } from "./measure.ts";
import { takeover } from "./takeover.ts";

const measures = { uncontended, handOff, contention, renewal, pipelined, takeover };

/** Locks beside the peers, on a Redis of their own. */
export const locks: Group = {
  name: "locks",
  measures: Object.keys(measures),
  run: async (effort, wanted, done) => {
    const peers = await installDependencies("bench-peers", join(repository, "test/bench/peers"));
    if (peers === undefined) throw new Error("The peers' package.json names no dependencies.");
    const redis = await startRedis();
    try {
      for (const [name, measure] of Object.entries(measures)) {
        if (!wanted.includes(name)) continue;
        const bench = { redis, peers, effort };
        await settled(bench);
        done(await measure(bench));
      }
    } finally {
      await redis.stop();
    }
  },
};
