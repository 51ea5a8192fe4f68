import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";
import type { LockView } from "../../shared/model/lock.ts";
import type { Running } from "../support/child.ts";
import { runCli, startCli } from "../support/cli.ts";
import { createHome, type TestHome } from "../support/home.ts";
import { runJson } from "../support/json.ts";
import { seeProcess } from "../support/processes.ts";
import { waitFor as until } from "../support/wait.ts";
import { liveLaunches } from "./launches.ts";
import { createBench, type RunAnswer, type RunBench, waitFor } from "./runs.ts";

async function killDaemon(home: TestHome): Promise<void> {
  const pid = home.daemonPid();
  assert.ok(pid, "a daemon runs");
  process.kill(pid, "SIGKILL");
  await until("the daemon to be gone", () => home.daemonPid() !== pid);
}

/** SIGKILL for the session host of an execution. */
function killHost(execution: number | undefined): void {
  const host = seeProcess(seeProcess(execution ?? 0)?.ppid ?? 0);
  assert.ok(host && /host/.test(host.command), `a host: ${host?.command}`);
  process.kill(host.pid, "SIGKILL");
}

/**
 * Notes it in a file when a former execution still lives (zombies don't), then waits for the gate. It doesn't mind
 * losing its terminal.
 */
function guarded(bench: RunBench, end: string): string[] {
  const check =
    "for p in $(sed '$d' journal); do if grep -qs '^State:.[^ZX]' /proc/$p/status; then echo $p >> overlap; fi; done";
  return bench.command(`trap '' HUP; ${check}; echo first; ${waitFor("go")}; ${end}`);
}

async function callers(count: number, words: readonly string[], home: TestHome): Promise<Running[]> {
  const owner = await startCli(words, { home });
  await owner.printed(/first/);
  const attached = await Promise.all(Array.from({ length: count - 1 }, () => startCli(words, { home })));
  for (const one of attached) await one.printed(/first/);
  return [owner, ...attached];
}

test("killing the daemon in the middle loses neither the run, nor its output, nor a caller", async (t) => {
  const home = createHome(t);
  const bench = createBench(t);
  const script = `i=0; until [ -e go ]; do i=$((i+1)); echo line $i; sleep 0.02; done; echo first; exit 8`;
  const words = ["run", "build", "--cwd", bench.cwd, "--", ...bench.command(script)];
  const owner = await startCli(words, { home });
  await owner.printed(/line 5\n/);
  const attached = await startCli(words, { home });
  await attached.printed(/line 5\n/);
  for (let round = 0; round < 2; round++) {
    await killDaemon(home);
    await until("the next daemon", () => home.daemonPid() !== undefined);
  }
  bench.open("go");
  for (const { code, stdout, stderr } of [await owner.finished(), await attached.finished()]) {
    assert.equal(code, 8, stderr);
    const lines = stdout.trimEnd().split("\n").slice(0, -1);
    assert.deepEqual(
      lines,
      lines.map((_, index) => `line ${index + 1}`),
      "no line is lost or repeated",
    );
  }
  assert.equal(bench.executions().length, 1);
  assert.deepEqual(await runJson<LockView[]>(["locks"], { home }), []);
});

test("a run that ends while no daemon runs is recorded by the next one", async (t) => {
  const home = createHome(t);
  const bench = createBench(t);
  const words = ["run", "build", "--once", "--cwd", bench.cwd, "--", ...guarded(bench, "echo last; exit 4")];
  const owner = await startCli(words, { home });
  await owner.printed(/first/);
  owner.process.kill("SIGKILL");
  await owner.finished();
  await killDaemon(home);
  bench.open("go");
  await until("the run to end", () => liveLaunches(home).size === 0);
  const replayed = await runCli(words, { home });
  assert.deepEqual([replayed.code, replayed.stdout], [4, "first\nlast\n"], replayed.stderr);
  assert.match(replayed.stderr, /this is its result/);
  const anew = await runJson<RunAnswer>(["run", "build", "--cwd", bench.cwd, "--", "true"], { home });
  assert.equal(anew.outcome, "executed", "without --once it is no answer");
  assert.equal(bench.executions().length, 1);
});

test("when the host is killed there is one takeover, after the dead owner's processes are gone", async (t) => {
  const home = createHome(t);
  const bench = createBench(t);
  const words = ["run", "build", "--cwd", bench.cwd, "--", ...guarded(bench, "exit 6")];
  const all = await callers(4, words, home);
  killHost(bench.executions()[0]);
  await until("the takeover", () => bench.executions().length === 2);
  bench.open("go");
  for (const one of all) {
    const { code, stderr } = await one.finished();
    assert.equal(code, 6, stderr);
    assert.match(stderr, /was killed .* Taking over/);
  }
  assert.equal(bench.executions().length, 2, "one takeover");
  assert.equal(existsSync(bench.path("overlap")), false, "never two at a time");
  assert.equal(liveLaunches(home).size, 0);
  assert.deepEqual(await runJson<LockView[]>(["locks"], { home }), []);
});

test("when daemon and host are killed there is one takeover", async (t) => {
  const home = createHome(t);
  const bench = createBench(t);
  const words = ["run", "build", "--cwd", bench.cwd, "--", ...guarded(bench, "exit 6")];
  const all = await callers(4, words, home);
  const daemon = home.daemonPid();
  assert.ok(daemon);
  process.kill(daemon, "SIGKILL");
  killHost(bench.executions()[0]);
  await until("the takeover", () => bench.executions().length === 2);
  bench.open("go");
  for (const one of all) {
    const { code, stderr } = await one.finished();
    assert.equal(code, 6, stderr);
  }
  assert.equal(bench.executions().length, 2, "one takeover");
  assert.equal(existsSync(bench.path("overlap")), false, "never two at a time");
});

test("a run whose host is killed again and again is given up with an error, not repeated for ever", async (t) => {
  const home = createHome(t);
  const bench = createBench(t);
  const words = ["run", "build", "--cwd", bench.cwd, "--", ...guarded(bench, "exit 6")];
  const all = await callers(2, words, home);
  for (const count of [1, 2]) {
    await until("an execution", () => bench.executions().length === count);
    await until("its host", () => seeProcess(bench.executions()[count - 1] ?? 0));
    for (const one of all) await until("its output", () => one.stdout().split("first").length > count);
    killHost(bench.executions()[count - 1]);
  }
  for (const one of all) {
    const { code, stderr } = await one.finished();
    assert.equal(code, 1, stderr);
    assert.match(stderr, /The host of the run build was killed/);
  }
  assert.equal(bench.executions().length, 2);
  assert.equal(existsSync(bench.path("overlap")), false);
  const next = await runCli(["run", "build", "--cwd", bench.cwd, "--", "true"], { home });
  assert.equal(next.code, 0, next.stderr);
});
