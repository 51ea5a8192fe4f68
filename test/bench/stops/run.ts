import { connectHost } from "../../../daemon/host/client.ts";
import { quantile } from "../numbers.ts";
import { type Contender, contenders } from "./contenders.ts";
import { type NastyTree, startUnder } from "./tree.ts";

/**
 * `npm run stops`: the nastiest tree of the fixtures, stopped again and again, by Devlatch and by what else is in use; a
 * second later it is counted who lives. `npm run stops -- 1000 20`: a thousand stops by Devlatch, twenty by each other.
 */
const own = Number(process.argv[2]) || 100;
const others = Number(process.argv[3]) || 10;

console.log(
  "| stopped by | stops | with survivors | processes before | alive 1 s after | time, median |\n|---|---|---|---|---|---|",
);
await measure("devlatch", own, async (tree) => {
  const connection = await connectHost(tree.directory);
  await connection.stop({ signal: "SIGTERM", timeoutMs: 50 }).finally(() => connection.dispose());
});
for (const [name, contender] of Object.entries(contenders)) await measure(name, others, contender);

async function measure(name: string, rounds: number, stop: Contender): Promise<void> {
  let [before, after, incomplete] = [0, 0, 0];
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const tree = await startUnder(name === "devlatch" ? "host" : "plain");
    try {
      before += tree.left().length;
      const begun = performance.now();
      await stop(tree);
      times.push(performance.now() - begun);
      const alive = await survivors(tree);
      after += alive;
      if (alive > 0) incomplete++;
    } finally {
      await tree.end();
    }
  }
  const cells = [name, rounds, incomplete, before, after, `${Math.round(quantile(times, 0.5))} ms`];
  console.log(`| ${cells.join(" | ")} |`);
}

/** Those who live a second later; looked at once where there are none already. */
async function survivors(tree: NastyTree): Promise<number> {
  if (tree.left().length === 0) return 0;
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  return tree.left().length;
}
