import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { repository } from "../support/paths.ts";
import { locks } from "./locks/group.ts";
import { type Row, tableOf } from "./numbers.ts";
import { servers } from "./servers/group.ts";
import { threads } from "./threads/group.ts";

/**
 * `npm run bench`: the numbers of the design, as ratios to a peer or a limit measured in the same run. Prints a table
 * and keeps it as JSON. `npm run bench -- 0.2 FILE` takes a fifth of the time and keeps it in FILE;
 * `npm run bench -- 1 FILE locks ready` makes the measurements of a group and one more.
 */
const [effortWord, fileWord, ...words] = process.argv.slice(2);
const effort = Number(effortWord ?? 1) || 1;
const file = fileWord ?? join(repository, "test/.output/bench.json");
const groups = [locks, servers, threads];
refuseUnknown();
const rows: Row[] = [];
for (const group of groups) {
  const isWhole = words.length === 0 || words.includes(group.name);
  const wanted = group.measures.filter((name) => isWhole || words.includes(name));
  if (wanted.length > 0) await group.run(effort, wanted, keep);
}
mkdirSync(dirname(file), { recursive: true });
writeFileSync(file, `${JSON.stringify({ effort, rows }, null, 2)}\n`);
const missed = rows.filter(({ reached }) => reached === false);
console.log(
  missed.length === 0 ? "All goals reached." : `Missed: ${missed.map(({ what }) => what).join("; ")}.`,
);
// pm2's client goes on trying to reach its daemon, which was ended: nothing of ours is left.
process.exit();

function keep(measured: readonly Row[]): void {
  rows.push(...measured);
  console.log(`${tableOf(measured)}\n`);
}

function refuseUnknown(): void {
  const known = groups.flatMap(({ name, measures }) => [name, ...measures]);
  const unknown = words.filter((word) => !known.includes(word));
  if (unknown.length === 0) return;
  console.error(`Unknown: ${unknown.join(", ")}. There are ${known.join(", ")}.`);
  process.exit(2);
}
