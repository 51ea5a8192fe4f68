import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { Finding } from "../../../shared/model/doctor.ts";
import type { LockView } from "../../../shared/model/lock.ts";
import type { StatusResult } from "../../../shared/protocol/contract.ts";
import { startAgent } from "../../support/callers.ts";
import { runCli } from "../../support/cli.ts";
import { userEnv } from "../../support/env.ts";
import { isPortFree } from "../../support/ports.ts";
import { waitFor } from "../../support/wait.ts";
import { plainServer, type StepCall, stepCalls, World, type WorldOptions } from "./world.ts";

/** A cleanup in whose middle the daemon is killed. */
interface Scenario {
  readonly name: string;
  readonly options?: WorldOptions;
  /** Brings everything up to the moment before the cleanup. @returns what the cleanup needs */
  prepare(world: World, t: TestContext): Promise<Prepared>;
}

interface Prepared {
  /** Begins the cleanup and sees it through; it may be cut off at any moment. */
  act(): Promise<unknown>;
  /** What must hold besides what always must, once the next daemon runs. */
  verify?(): Promise<void>;
}

/** Steps taken of each kind of call; DEVLATCH_FAULTS=all takes each of them. DEVLATCH_SEED chooses others. */
const taken: Readonly<Record<StepCall, number>> =
  process.env["DEVLATCH_FAULTS"] === "all"
    ? {
        pwrite64: Number.POSITIVE_INFINITY,
        rename: Number.POSITIVE_INFINITY,
        unlink: Number.POSITIVE_INFINITY,
      }
    : { pwrite64: 3, rename: 1, unlink: 1 };
let seed = Number(process.env["DEVLATCH_SEED"] ?? 20_261_125);

/** Numbers from `first` to `last`, at most `count` of them, by the seed. */
function choose(first: number, last: number, count: number): number[] {
  const all = Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index);
  while (all.length > count) {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    all.splice(seed % all.length, 1);
  }
  return all;
}

const scenarios: readonly Scenario[] = [
  {
    name: "a stop",
    prepare: async (world) => {
      await world.ok(["start", "web"]);
      return { act: () => world.cli(["stop", "web"]) };
    },
  },
  {
    name: "the daemon's own end",
    prepare: async (world) => {
      await world.ok(["start", "web"]);
      return { act: () => endDaemon(world) };
    },
  },
  {
    name: "a stop because nobody uses the server any more",
    options: { app: { stopWhenUnused: { afterMs: 200 } } },
    prepare: async (world, t) => {
      await world.daemon();
      const agent = startAgent(t, world.home, "window");
      await agent.json("start", "web", "--cwd", world.cwd);
      const act = async () => {
        await agent.end();
        await waitFor("the server's end, or the daemon's", async () => {
          if (world.home.daemonPid() === undefined) return true;
          const { json, code } = await runCli(["status", "--json"], { home: world.home });
          return code === 0 && (json as StatusResult).sessions[0]?.state.kind === "stopped";
        });
      };
      return { act };
    },
  },
  {
    name: "the release of a sandbox",
    prepare: async (world) => {
      makeRepository(world.cwd);
      const { path, sandboxId } = await world.ok<{ path: string; sandboxId: string }>(["sandbox", "claim"]);
      const home = { home: world.home };
      const started = await runCli(["start", "web", "--cwd", path, "--json"], home);
      assert.equal(started.code, 0, started.stdout);
      writeFileSync(join(path, "work.txt"), "Precious\n");
      return {
        act: () => runCli(["sandbox", "release", "--discard", "--cwd", path, "--json"], home),
        verify: async () => {
          // Killed before the release was begun it is still claimed: then it is released now.
          await runCli(["sandbox", "release", "--discard", "--cwd", path, "--json"], home);
          const [only] = await waitFor("the sandbox to be ready for the next one", async () => {
            const list = await world.ok<{ state: string }[]>(["sandbox", "list"]);
            return list.every(({ state }) => state === "spare") && list;
          });
          assert.ok(only, "the sandbox is kept");
          assert.equal(existsSync(join(world.home.directory, "sandboxes", `${sandboxId}.token`)), false);
          assert.equal(existsSync(join(world.home.directory, "sessions", sandboxId)), false);
          assert.equal(git(path, "status", "--porcelain", "--ignored"), "");
          const [branch, ...more] = git(
            world.cwd,
            "for-each-ref",
            "--format=%(refname)",
            "refs/heads/devlatch",
          ).split("\n");
          assert.deepEqual(more, []);
          assert.equal(git(world.cwd, "show", `${branch}:work.txt`), "Precious");
        },
      };
    },
  },
];

function git(cwd: string, ...args: readonly string[]): string {
  const identity = ["-c", "user.name=Tester", "-c", "user.email=tester@localhost"];
  return execFileSync("git", [...identity, ...args], {
    cwd,
    env: userEnv(),
    encoding: "utf8",
    stdio: "pipe",
  }).trim();
}

function makeRepository(cwd: string): void {
  git(cwd, "init", "--quiet", "--initial-branch=main");
  git(cwd, "add", ".");
  git(cwd, "commit", "--quiet", "-m", "First");
}

async function endDaemon(world: World): Promise<void> {
  await world.cli(["daemon", "stop"]);
  await waitFor("the daemon to be gone", () => world.home.daemonPid() === undefined);
}

/** Where the steps of the cleanup begin and end, of each kind. */
async function count(scenario: Scenario, t: TestContext): Promise<ReadonlyMap<StepCall, [number, number]>> {
  const world = await World.create(t, scenario.options);
  const { act } = await scenario.prepare(world, t);
  const daemon = world.home.daemonPid();
  const before = stepCalls.map((call) => world.steps(call, daemon));
  await act();
  return new Map(
    stepCalls.map((call, index) => [call, [before[index] ?? 0, world.steps(call, daemon)]] as const),
  );
}

/** What holds when a cleanup is over, by whomever it was finished. */
async function assertClean(world: World): Promise<void> {
  const { sessions, cleanups } = await waitFor("the next daemon to have finished", async () => {
    const status = await world.ok<StatusResult>(["status"]);
    const over = status.sessions.every(({ state }) => state.kind === "stopped" || state.kind === "failed");
    return over && status;
  });
  assert.deepEqual(cleanups, []);
  assert.deepEqual([world.launches(), await isPortFree(world.port)], [0, true], JSON.stringify(sessions));
  assert.deepEqual(await world.ok<LockView[]>(["locks"]), []);
  const sockets = readdirSync(join(world.home.directory, "sessions"), { recursive: true }).map(String);
  assert.deepEqual(
    sockets.filter((name) => name.endsWith("host.sock")),
    [],
  );
  const { json } = await world.cli(["doctor"]);
  const { findings } = json as { findings: readonly Finding[] };
  assert.deepEqual(
    findings.filter(({ fix, level }) => fix || level === "problem"),
    [],
  );
  assert.equal(existsSync(join(world.home.directory, "cleanups.json")), false);
  world.verify();
}

for (const scenario of scenarios) {
  test(`the daemon is killed in ${scenario.name}, at any step: the next one finishes it`, {
    timeout: 3_600_000,
  }, async (t) => {
    const steps = await count(scenario, t);
    let died = 0;
    for (const [call, [before, after]] of steps) {
      for (const at of choose(before + 1, after, taken[call])) {
        await t.test(`at ${call} ${at} of ${before}..${after}`, async (inner) => {
          const world = await World.create(inner, scenario.options);
          await world.daemon(`${call}:signal=SIGKILL:when=${at}`);
          const prepared = await scenario.prepare(world, inner);
          await prepared.act();
          if (world.home.daemonPid() === undefined) died++;
          await world.ok(["status"]);
          await prepared.verify?.();
          await world.cli(["stop", "web"]);
          await assertClean(world);
        });
      }
    }
    assert.ok(died > 0, "some of them hit");
  });
}

test("the daemon is killed while it finishes what a killed daemon and a killed host left: the next one does", {
  timeout: 3_600_000,
}, async (t) => {
  const crash = async (inner: TestContext, inject?: string) => {
    // The end of its host hangs its terminal up.
    const world = await World.create(inner, { server: `process.on("SIGHUP", () => {});${plainServer}` });
    await world.ok(["start", "web"]);
    const host = world.host();
    await world.kill(world.home.daemonPid());
    await world.kill(host?.pid);
    assert.equal(world.launches(), 1, "the server lives on without both");
    const daemon = await world.daemon(inject).catch(() => undefined);
    return { world, daemon };
  };
  const { world, daemon } = await crash(t);
  await assertClean(world);
  assert.equal((await world.session())?.state.kind, "failed");
  let died = 0;
  for (const call of stepCalls) {
    for (const at of choose(1, world.steps(call, daemon), taken[call])) {
      await t.test(`at ${call} ${at}`, async (inner) => {
        const second = await crash(inner, `${call}:signal=SIGKILL:when=${at}`);
        await waitFor("the kill, or the end of the recovery", async () => {
          if (second.world.home.daemonPid() === undefined) return true;
          return second.world.launches() === 0;
        });
        if (second.world.home.daemonPid() === undefined) died++;
        await assertClean(second.world);
      });
    }
  }
  assert.ok(died > 0, "some of them hit");
});
