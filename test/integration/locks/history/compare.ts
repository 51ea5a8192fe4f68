import { join } from "node:path";
import { repository } from "../../../support/paths.ts";
import { installDependencies } from "../../../support/projects.ts";
import { runCampaign } from "./campaign.ts";
import { check, type Verdict } from "./check.ts";
import type { Fault } from "./events.ts";
import { type LockerName, lockerNames } from "./lockers.ts";

/**
 * `npm run history`: the same faults for every kind of lock, and what became of what it promises. Prints a table in
 * Markdown. `npm run history -- 300 41 devlatch` takes 300 s for each campaign and kind of lock, with seed 41, for one
 * kind.
 */
const seconds = Number(process.argv[2]) || 60;
const seed = Number(process.argv[3]) || 1;
const lockers = process.argv[4] ? [process.argv[4] as LockerName] : lockerNames;

const campaigns: readonly (readonly [string, readonly Fault["kind"][]])[] = [
  ["owners killed, clocks wrong", ["kill", "skew"]],
  ["connections and replies cut, Redis paused", ["kill", "cut", "cut replies", "redis pause"]],
  ["Redis restarted empty, flushed", ["restart", "flush"]],
  ["owners frozen", ["pause"]],
  ["failover of Sentinel", ["failover", "kill"]],
];
const columns = [
  "faults",
  "lock",
  "operations",
  "grants",
  "held at once",
  "writes of a former holder taken",
  "overtaken in the queue",
  "never ended",
] as const;

const peers = (await installDependencies("bench-peers", join(repository, "test/bench/peers"))) ?? "";
let [operations, problems] = [0, 0];
console.log(
  `Seed ${seed}, ${seconds} s each.\n\n| ${columns.join(" | ")} |\n|${"---|".repeat(columns.length)}`,
);
for (const [what, faults] of campaigns) {
  for (const locker of lockers) {
    // redlock and redis-semaphore take a client of one Redis here; following Sentinel would be the client's affair.
    if (faults.includes("failover") && locker !== "devlatch") continue;
    const history = await runCampaign({ seed, seconds, faults, locker, peers });
    const verdict = check(history);
    console.log(row(`${what} (${history.faults.length})`, locker, verdict));
    if (locker !== "devlatch") continue;
    operations += verdict.operations;
    problems += verdict.problems.length;
    for (const problem of verdict.problems.slice(0, 5)) console.error(problem);
  }
}
console.log(`\ndevlatch: ${operations.toLocaleString("en")} operations, ${problems} problems.`);
process.exitCode = problems === 0 ? 0 : 1;

function row(what: string, locker: LockerName, verdict: Verdict): string {
  const { grants, overlaps, excusedOverlaps, staleWrites, neverEnded, ordered, inversions } = verdict;
  const excused =
    locker === "devlatch" && excusedOverlaps > 0 ? ` (${excusedOverlaps} can't be ruled out)` : "";
  const queue = locker === "devlatch" ? `${inversions.length} of ${ordered}` : "no queue";
  const cells = [
    what,
    locker,
    verdict.operations,
    grants,
    `${overlaps}${excused}`,
    staleWrites,
    queue,
    neverEnded,
  ];
  return `| ${cells.join(" | ")} |`;
}
