import { join } from "node:path";
import { owning } from "../../support/owner.ts";
import { repository } from "../../support/paths.ts";
import { installDependencies } from "../../support/projects.ts";
import { quantile } from "../numbers.ts";
import { type Contender, devlatch, openOthers } from "./contenders.ts";
import { type NastyTree, startUnder } from "./tree.ts";

/**
 * `npm run stops`: the nastiest tree of the fixtures, stopped again and again, by Devlatch and by what else is in use;
 * a second later it is counted who lives. `npm run stops -- 1000 20`: a thousand stops by Devlatch, twenty by each
 * other.
 */
const own = Number(process.argv[2]) || 100;
const others = Number(process.argv[3]) || 10;
const peers = await installDependencies("stops-peers", join(repository, "test/bench/stops/peers"));
if (peers === undefined) throw new Error("The peers' package.json names no dependencies.");

console.log(
  "| stopped by | stops | with survivors | processes before | alive 1 s after | time, median |\n|---|---|---|---|---|---|",
);
await measure(devlatch, own);
await owning(async (owner) => {
  for (const contender of await openOthers(peers, owner)) await measure(contender, others);
});

async function measure({ name, parent, stop }: Contender, rounds: number): Promise<void> {
  let [before, after, incomplete] = [0, 0, 0];
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const tree = await startUnder(parent);
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
