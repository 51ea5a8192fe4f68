import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import type { LockView } from "../../shared/model/lock.ts";
import { often } from "../support/campaign.ts";
import { startProgram } from "../support/child.ts";
import { startCli } from "../support/cli.ts";
import { createHome, type TestHome } from "../support/home.ts";
import { runJson } from "../support/json.ts";
import { repository } from "../support/paths.ts";
import { startRedis } from "../support/redis.ts";
import { waitFor as until } from "../support/wait.ts";
import { liveLaunches } from "./launches.ts";
import { createBench, type RunBench, waitFor } from "./runs.ts";

interface Result {
  readonly outcome: string;
  readonly fence: number;
  readonly launchId: string;
  readonly exitCode: number | null;
}

function startCallers(home: TestHome, bench: RunBench, command: readonly string[]) {
  const script = join(repository, "test/integration/runs/callers.ts");
  const words = [script, bench.cwd, "5", "50", "build", ...command];
  return startProgram(process.execPath, words, { env: home.env() });
}

test("a thousand callers at once over twenty connections of four processes: one execution, a thousand equal codes", async (t) => {
  const home = createHome(t);
  const bench = createBench(t);
  await runJson(["daemon", "start"], { home });
  const command = bench.command(`${waitFor("go")}; exit 42`);

  const processes = await Promise.all([1, 2, 3, 4].map(() => startCallers(home, bench, command)));
  for (const one of processes) await one.printed(/landed/);
  bench.open("go");
  const ended = await Promise.all(processes.map((one) => one.finished()));

  const results = ended.flatMap(({ code, stdout, stderr }) => {
    assert.equal(code, 0, stderr);
    return JSON.parse(stdout.replace("landed\n", "")) as Result[];
  });
  assert.equal(results.length, 1_000);
  assert.deepEqual(new Set(results.map(({ exitCode }) => exitCode)), new Set([42]));
  assert.equal(new Set(results.map(({ fence, launchId }) => `${fence} ${launchId}`)).size, 1);
  assert.equal(results.filter(({ outcome }) => outcome === "executed").length, 1);
  assert.equal(results.filter(({ outcome }) => outcome === "attached").length, 999);
  assert.equal(bench.executions().length, 1);
  assert.deepEqual(await runJson<LockView[]>(["locks"], { home }), []);
});

/** Fifty start a server at once, in `storm.test.ts`. */
const commandLines = often(16, 50);

test("many command lines at once, with no daemon running: one execution, the same output and code for all", async (t) => {
  const home = createHome(t);
  const bench = createBench(t);
  const words = ["run", "build", "--cwd", bench.cwd, "--"];
  const command = bench.command(`echo first; ${waitFor("go")}; echo last; exit 13`);
  const callers = await Promise.all(
    Array.from({ length: commandLines }, () => startCli([...words, ...command], { home })),
  );
  for (const one of callers) await one.printed(/first/);
  bench.open("go");
  const ended = await Promise.all(callers.map((one) => one.finished()));
  for (const { code, stdout, stderr } of ended)
    assert.deepEqual([code, stdout], [13, "first\nlast\n"], stderr);
  assert.equal(ended.filter(({ stderr }) => /attached to the run/.test(stderr)).length, commandLines - 1);
  assert.equal(bench.executions().length, 1);
  assert.equal(liveLaunches(home).size, 0);
});

test("two daemons on one Redis with one explicit sandbox: one execution, also when the holder's daemon is killed", async (t) => {
  const redis = await startRedis();
  t.after(() => redis.stop());
  const homes = [createHome(t), createHome(t)];
  const bench = createBench(t, { sandbox: "team-box" });
  const env = { DEVLATCH_REDIS_URL: redis.url };
  const command = bench.command(`echo first; ${waitFor("go")}; echo last; exit 21`);
  const words = ["run", "build", "--cwd", bench.cwd, "--", ...command];
  const callers = await Promise.all(
    Array.from({ length: 12 }, (_, index) =>
      startCli(words, { home: homes[index % 2] ?? assert.fail(), env }),
    ),
  );
  for (const one of callers) await one.printed(/first/);
  assert.equal(bench.executions().length, 1);

  const holder = homes.find((home) => [...liveLaunches(home)].length > 0) ?? assert.fail("no one holds it");
  const pid = holder.daemonPid();
  assert.ok(pid);
  process.kill(pid, "SIGKILL");
  await until("the daemon to be gone", () => holder.daemonPid() !== pid);
  bench.open("go");
  const ended = await Promise.all(callers.map((one) => one.finished()));

  for (const { code, stdout, stderr } of ended)
    assert.deepEqual([code, stdout], [21, "first\nlast\n"], stderr);
  assert.equal(bench.executions().length, 1);
  for (const home of homes) {
    await until(
      "no lock to be left",
      async () => (await runJson<LockView[]>(["locks"], { home, env })).length === 0,
    );
  }
});
