import assert from "node:assert/strict";
import { test } from "node:test";
import type { LockView } from "../../shared/model/lock.ts";
import type { StatusResult } from "../../shared/protocol/methods.ts";
import { runCli, startCli } from "../support/cli.ts";
import { createHome } from "../support/home.ts";
import { runJson } from "../support/json.ts";
import { processesWith, seeProcess } from "../support/processes.ts";
import { waitFor as until } from "../support/wait.ts";
import { liveLaunches } from "./launches.ts";
import { createBench, type RunAnswer, waitFor } from "./runs.ts";

test("a run streams plain lines and exits with the command's own code; it leaves no lock", async (t) => {
  const home = createHome(t);
  const bench = createBench(t);
  const script = "printf '\\033[31mred\\033[0m\\n'; echo second >&2; exit 7";
  const result = await runCli(["run", "build", "--cwd", bench.cwd, "--", ...bench.command(script)], { home });
  assert.deepEqual([result.code, result.stdout], [7, "red\nsecond\n"], result.stderr);
  assert.deepEqual(await runJson<LockView[]>(["locks"], { home }), []);
  assert.equal(liveLaunches(home).size, 0);
});

test("later callers attach from the beginning and get the same code; the key is compared for equality", async (t) => {
  const home = createHome(t);
  const bench = createBench(t);
  const run = (key: string, script: string) =>
    ["run", key, "--cwd", bench.cwd, "--", ...bench.command(script)] as const;
  const owner = await startCli(run("build", `echo one; ${waitFor("go")}; echo two; exit 9`), { home });
  await owner.printed(/one/);
  const attached = await startCli(run("build", "echo never"), { home });
  await attached.printed(/attached to the run build/);
  await attached.printed(/one/);
  assert.match(attached.stderr(), /not quite what was asked for: it runs `sh -c/);
  const prefix = await runCli(run("buil", "echo other"), { home });
  const longer = await runCli(run("build:web", "echo longer"), { home });
  assert.deepEqual([prefix.stdout, longer.stdout], ["other\n", "longer\n"], "other keys are other runs");
  const status = await runJson<StatusResult>(["status"], { home });
  assert.deepEqual(status.runs?.map(({ key, state }) => [key, state.kind]).sort(), [
    ["buil", "finished"],
    ["build", "running"],
    ["build:web", "finished"],
  ]);
  const held = await runJson<LockView[]>(["locks"], { home });
  assert.match(held.map(({ key }) => key).join(), /^run:\{sb_[0-9a-f]{16}\}:build$/);
  bench.open("go");
  for (const one of [await owner.finished(), await attached.finished()]) {
    assert.deepEqual([one.code, one.stdout], [9, "one\ntwo\n"], one.stderr);
  }
  assert.equal(bench.executions().length, 3);
});

test("--once replays output and code for equal inputs only, and within its time", async (t) => {
  const home = createHome(t);
  const bench = createBench(t);
  const other = createBench(t);
  const words = bench.command("echo out $MODE; exit 5");
  const run = (options: string[], command = words, cwd = bench.cwd) =>
    runCli(["run", "check", ...options, "--cwd", cwd, "--", ...command], { home });
  const answer = (options: string[]) =>
    runJson<RunAnswer>(["run", "check", ...options, "--cwd", bench.cwd, "--", ...words], { home }).catch(
      (error: Error) => error.message,
    );
  const first = await run(["--once"]);
  const second = await run(["--once"]);
  assert.deepEqual([first.code, first.stdout], [5, "out\n"]);
  assert.deepEqual([second.code, second.stdout], [5, "out\n"]);
  assert.match(second.stderr, /this is its result/);
  assert.equal(bench.executions().length, 1, "the second one was replayed");
  assert.match(String(await answer(["--once"])), /"outcome": "replayed",\n {2}"exitCode": 5/);

  await run(["--once", "--env", "MODE=x"]);
  assert.equal(bench.executions().length, 2, "other variables");
  await run(["--once", "--env", "MODE=x"], [...words, "word"]);
  assert.equal(bench.executions().length, 3, "other words");
  await run(["--once", "--env", "MODE=x"], words, other.cwd);
  assert.equal(other.executions().length, 1, "another directory");
  await run([]);
  assert.equal(bench.executions().length, 4, "without --once");
  await until("the result to be too old", async () => {
    const before = bench.executions().length;
    await run(["--once", "--ttl", "0.5"]);
    return bench.executions().length > before;
  });
  const usage = await run(["--ttl", "5"]);
  assert.equal(usage.code, 2);
});

test("10 MB of output are complete for the owner and for a caller attached late", async (t) => {
  const home = createHome(t);
  const bench = createBench(t);
  const line = "x".repeat(90);
  // 110,000 lines of 97 bytes.
  const script = `echo begin; awk 'BEGIN { for (i = 1; i <= 110000; i++) printf "%06d %s\\n", i, "${line}" }'; ${waitFor("go")}; echo end`;
  const words = ["run", "big", "--cwd", bench.cwd, "--", ...bench.command(script)];
  const owner = await startCli(words, { home });
  await owner.printed(/^110000 /m, 120_000);
  const late = await startCli(words, { home });
  await late.printed(/begin/);
  bench.open("go");
  const expected = Array.from(
    { length: 110_000 },
    (_, index) => `${String(index + 1).padStart(6, "0")} ${line}`,
  );
  const text = `begin\n${expected.join("\n")}\nend\n`;
  for (const one of [await owner.finished(120_000), await late.finished(120_000)]) {
    assert.equal(one.code, 0, one.stderr);
    assert.equal(one.stdout.length, text.length);
    assert.ok(one.stdout === text, "every line once, in order");
  }
  assert.ok(text.length > 10_000_000);
  const replayed = await runCli(["run", "big", "--once", ...words.slice(2)], { home });
  assert.ok(replayed.stdout === text, "and again when it is replayed");
});

test("what a command leaves behind is gone when its callers hear of its end", async (t) => {
  const home = createHome(t);
  const bench = createBench(t);
  const script =
    "setsid sh -c 'echo $$ > left; exec sleep 600' < /dev/null > /dev/null 2>&1 & until [ -s left ]; do sleep 0.05; done; cat left; exit 3";
  const result = await runCli(["run", "leaky", "--cwd", bench.cwd, "--", ...bench.command(script)], { home });
  assert.equal(result.code, 3, result.stderr);
  assert.equal(seeProcess(Number(result.stdout)), undefined, "the daemonised process was ended");
});

test("without a terminal SIGINT detaches an attached caller, and cancels the run of its owner", async (t) => {
  const home = createHome(t);
  const bench = createBench(t);
  const words = ["run", "long", "--cwd", bench.cwd, "--", ...bench.command("echo begun; sleep 600")];
  const owner = await startCli(words, { home });
  await owner.printed(/begun/);
  const attached = await startCli(words, { home });
  await attached.printed(/begun/);
  attached.process.kill("SIGINT");
  const left = await attached.finished();
  assert.equal(left.code, 130);
  assert.match(left.stderr, /Detached from the run long; it goes on/);
  const [pid] = bench.executions();
  assert.ok(pid !== undefined && seeProcess(pid), "the run goes on");
  const waiting = await startCli(words, { home });
  await waiting.printed(/begun/);
  owner.process.kill("SIGINT");
  assert.equal((await owner.finished()).code, 130);
  assert.equal(seeProcess(pid), undefined, "the run was stopped");
  const told = await waiting.finished();
  assert.equal(told.code, 143, told.stderr);
  assert.match(told.stderr, /the run long was stopped/);
  assert.deepEqual(await runJson<LockView[]>(["locks"], { home }), []);
  // A cancelled run is no result to replay.
  const again = await startCli(["run", "long", "--once", ...words.slice(2)], { home });
  await again.printed(/begun/);
  await until("a second execution", () => bench.executions().length === 2);
  const stopped = await runCli(["run", "long", "--stop", "--cwd", bench.cwd], { home });
  assert.match(stopped.stdout, /was stopped/);
  assert.equal((await again.finished()).code, 143);
  assert.equal(
    processesWith("DEVLATCH_HOME", home.directory).filter(({ command }) => /sleep/.test(command)).length,
    0,
  );
});

test("what can't be run is said to all, and the next call isn't held up by it", async (t) => {
  const home = createHome(t);
  const bench = createBench(t);
  const missing = await runCli(["run", "k", "--json", "--cwd", bench.cwd, "--", "no-such-program"], { home });
  assert.equal(missing.code, 1);
  assert.equal((missing.json as { error: { code: string } }).error.code, "COMMAND_NOT_FOUND");
  for (const [words, text] of [
    [["run", "a b", "--", "true"], /letters, digits/],
    [["run", "x".repeat(101), "--", "true"], /100 at most/],
    [["run", "k"], /no command to run/],
    [["run", "k", "--env", "novalue", "--", "true"], /NAME=VALUE/],
  ] as const) {
    const refused = await runCli(words, { home, cwd: bench.cwd });
    assert.equal(refused.code, 2, refused.stderr);
    assert.match(refused.stderr, text);
  }
  const fine = await runJson<RunAnswer>(["run", "k", "--cwd", bench.cwd, "--", "true"], { home });
  assert.deepEqual([fine.outcome, fine.exitCode], ["executed", 0]);
});
