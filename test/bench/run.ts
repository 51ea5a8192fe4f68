import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { repository } from "../support/paths.ts";
import { installDependencies } from "../support/projects.ts";
import { startRedis } from "../support/redis.ts";
import { contention, handOff, pipelined, renewal, settled, uncontended } from "./locks/measure.ts";
import { takeover } from "./locks/takeover.ts";
import { type Row, tableOf } from "./numbers.ts";

/**
 * `npm run bench`: the numbers of the design, as ratios to a peer or a limit measured in the same run. Prints a table
 * and keeps it as JSON. `npm run bench -- 0.2 FILE` takes a fifth of the time and keeps it in FILE.
 */
const effort = Number(process.argv[2] ?? 1) || 1;
const peers = await installDependencies("bench-peers", join(repository, "test/bench/peers"));
if (peers === undefined) throw new Error("The peers' package.json names no dependencies.");
const redis = await startRedis();
const rows: Row[] = [];
try {
  for (const measure of [uncontended, handOff, contention, renewal, pipelined, takeover]) {
    const bench = { redis, peers, effort };
    await settled(bench);
    const measured = await measure(bench);
    rows.push(...measured);
    console.log(`${tableOf(measured)}\n`);
  }
} finally {
  await redis.stop();
}
const file = process.argv[3] ?? join(repository, "test/.output/bench.json");
mkdirSync(dirname(file), { recursive: true });
writeFileSync(file, `${JSON.stringify({ effort, rows }, null, 2)}\n`);
const missed = rows.filter(({ reached }) => reached === false);
console.log(
  missed.length === 0 ? "All goals reached." : `Missed: ${missed.map(({ what }) => what).join("; ")}.`,
);
