import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { Row } from "../bench/numbers.ts";
import { sample } from "../support/campaign.ts";
import { runProgram } from "../support/child.ts";
import { repository } from "../support/paths.ts";

const register = new URL("../support/register.mjs", import.meta.url).href;

/** Runs these groups for a small part of their time. @returns what they kept */
async function runBench(t: TestContext, effort: number, groups: readonly string[]): Promise<readonly Row[]> {
  const directory = await mkdtemp(join(tmpdir(), "devlatch-bench-"));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const file = join(directory, "bench.json");
  const program = join(repository, "test/bench/run.ts");
  const words = ["--import", register, program, String(effort), file, ...groups];
  const run = await runProgram(process.execPath, words, { timeoutMs: 900_000 });
  assert.equal(run.code, 0, run.stderr);
  const { rows } = JSON.parse(await readFile(file, "utf8")) as { rows: readonly Row[] };
  assert.ok(rows.every(({ value }) => Number.isFinite(value)));
  return rows;
}

function assertNamed(rows: readonly Row[], parts: readonly string[]): void {
  for (const part of parts) {
    assert.ok(
      rows.some(({ what }) => what.includes(part)),
      part,
    );
  }
}

/** The value of the first row with this in its words. */
function measured(rows: readonly Row[], part: string): number {
  return rows.find(({ what }) => what.includes(part))?.value ?? Number.NaN;
}

test("the bench measures every lock row beside its peers, and keeps what it measured", async (t) => {
  const rows = await runBench(t, 0.03, ["locks"]);
  assertNamed(rows, ["no one competing", "hand-off", "64 contenders", "renewing 1,000", "many keys"]);
  assertNamed(rows, ["takeover", "redlock", "redis-semaphore"]);
  // What doesn't depend on how busy the machine is: who waits asks again every second.
  assert.equal(measured(rows, "renewing 1,000"), 1);
});

/** What is measured of servers, sessions and the daemon, with some words of its rows. */
const ofServers: Readonly<Record<string, readonly string[]>> = {
  stop: ["well-behaved stop", "a plain node server", "under concurrently", "Vite 8", "Next 16", "Expo 56"],
  ready: ["time to ready"],
  lookup: ["port owner lookup"],
  output: ["output through"],
  idle: [
    ...["resident memory", "processor", "one quiet server: host and leader"],
    ...["one quiet server: processor", "1 under pm2"],
  ],
  warm: ["running server over one socket"],
  commands: ["devlatch --version", "devlatch status", "devlatch start", "pm2 list"],
  storm: ["start storm"],
};

test("the bench measures every row of servers, sessions and the daemon", async (t) => {
  const measures = sample(Object.keys(ofServers), 3);
  const rows = await runBench(t, 0.01, measures);
  for (const measure of measures) assertNamed(rows, ofServers[measure] ?? []);
  // What doesn't depend on how busy the machine is.
  if (measures.includes("output")) assert.equal(measured(rows, "lines and bytes that the thread lacks"), 0);
  if (measures.includes("storm"))
    for (const part of ["launches", "different URLs", "told that they started it"])
      assert.equal(measured(rows, `start storm, 10 callers, 4 daemons: ${part}`), 1);
});

test("the bench refuses a name it doesn't know and says which there are", async () => {
  const words = ["--import", register, join(repository, "test/bench/run.ts"), "0.01", "/dev/null", "servres"];
  const run = await runProgram(process.execPath, words);
  assert.equal(run.code, 2);
  assert.match(run.stderr, /Unknown: servres\. There are locks, uncontended,.*, servers, stop,/);
});
