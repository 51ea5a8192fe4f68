import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import type { StopResult } from "../../../shared/protocol/methods.ts";
import { often } from "../../support/campaign.ts";
import { startCli } from "../../support/cli.ts";
import { type Owner, owning } from "../../support/owner.ts";
import { isPortFree } from "../../support/ports.ts";
import { isAlive, seeProcess } from "../../support/processes.ts";
import { waitFor } from "../../support/wait.ts";
import type { Answer } from "../answer.ts";
import { inWorld, plainServer, World } from "./world.ts";

/** Kills a sweep, spread evenly over all writes. */
const kills = often(3, Number.POSITIVE_INFINITY);

/** Numbers from `first` to `last`, at most `kills` of them, the first and the last among them. */
function spread(first: number, last: number): number[] {
  const step = Math.max(1, (last - first) / (kills - 1));
  const numbers: number[] = [];
  for (let at = first; at <= last; at += step) numbers.push(Math.round(at));
  return numbers;
}

/** How many writes the daemon had made when it was up, when a server was ready, and when it was stopped. */
async function countWrites(owner: Owner) {
  const world = await World.create(owner);
  await world.ok(["status"]);
  const up = world.writes();
  await world.ok(["start", "web"]);
  const ready = world.writes();
  await world.ok(["stop", "web"]);
  return { up, ready, stopped: world.writes() };
}

let counting: ReturnType<typeof countWrites> | undefined;

/** Counted once for all sweeps. */
function countedWrites(): ReturnType<typeof countWrites> {
  counting ??= owning(countWrites);
  return counting;
}

/** Asks once more. The last writes come after the first answer: the kill may strike while this one is under way. */
async function again<T>(world: World, words: readonly string[]): Promise<T> {
  const { code, json } = await world.cli(words);
  if (code === 0) return json as T;
  assert.equal((json as { error?: { code: string } }).error?.code, "DAEMON_UNAVAILABLE");
  return world.ok(words);
}

test("the daemon is killed at every write of a start: the next start has one server, ours", {
  timeout: 900_000,
}, async (t) => {
  const { up, ready } = await countedWrites();
  assert.ok(ready - up >= 4, `${ready - up} writes`);
  let died = 0;
  for (const killAtWrite of spread(up + 1, ready)) {
    await t.test(
      `at write ${killAtWrite} of ${up}..${ready}`,
      inWorld({}, async (world) => {
        await world.daemon(`pwrite64:signal=SIGKILL:when=${killAtWrite}`);
        const first = await world.cli(["start", "web"]);
        if (world.home.daemonPid() === undefined) died++;
        else assert.equal(first.code, 0, first.stdout);
        const { outcome, port } = await again<Answer>(world, ["start", "web"]);
        assert.match(outcome, /started|reused/);
        assert.deepEqual([port, world.launches(), await world.answer()], [world.port, 1, "ours"]);
        await world.ok(["stop", "web"]);
        assert.deepEqual([world.launches(), await isPortFree(world.port)], [0, true]);
      }),
    );
  }
  assert.ok(died > 0, "some of them hit");
});

test("the daemon is killed at every write of a stop: the next daemon finishes it", {
  timeout: 900_000,
}, async (t) => {
  const { ready, stopped } = await countedWrites();
  let died = 0;
  for (const killAtWrite of spread(ready + 1, stopped)) {
    await t.test(
      `at write ${killAtWrite} of ${ready}..${stopped}`,
      inWorld({}, async (world) => {
        await world.daemon(`pwrite64:signal=SIGKILL:when=${killAtWrite}`);
        await world.cli(["start", "web"]);
        await world.cli(["stop", "web"]);
        if (world.home.daemonPid() === undefined) died++;
        const { outcome } = await again<StopResult>(world, ["stop", "web"]);
        assert.match(outcome, /stopped|not_running/);
        assert.deepEqual([world.launches(), await isPortFree(world.port)], [0, true]);
        assert.equal((await world.session())?.state.kind, "stopped");
      }),
    );
  }
  assert.ok(died > 0, "some of them hit");
});

/** The server, and a child of it that leaves group, session and environment and goes on for ever. */
const serverWithDaemon = `
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
const child = spawn("setsid", ["sh", "-c", "sleep 1000 & echo $!"], { env: { PATH: process.env.PATH }, stdio: ["ignore", "pipe", "ignore"] });
child.stdout.once("data", (pid) => writeFileSync("daemonised", String(pid)));
${plainServer}`;

const daemonised = async (world: World) =>
  seeProcess(Number(readFileSync(join(world.cwd, "daemonised"), "utf8")));

test(
  "the host is killed while its server is ready: it is said, and nothing is left, not even who cleared its environment",
  inWorld({ server: serverWithDaemon }, async (world) => {
    await world.ok(["start", "web"]);
    const hidden = await waitFor("the daemonised child", () => daemonised(world).catch(() => undefined));
    // The host writes down who descends from it every two seconds.
    await waitFor("the ledger", async () => {
      const session = (await world.session()) as { sandboxId: string };
      const file = join(world.home.directory, "sessions", session.sandboxId, "dev_server_web", "ledger.json");
      return existsSync(file) && readFileSync(file, "utf8").includes(`"pid":${hidden.pid},`);
    });
    await world.kill(world.host()?.pid);
    const state = await waitFor("the failure", async () => {
      const found = (await world.session())?.state;
      return found?.kind === "failed" ? found : undefined;
    });
    assert.equal(state.error.code, "HOST_FAILED");
    await waitFor("the daemonised child to end", () => !isAlive(hidden));
    assert.deepEqual([world.launches(), await isPortFree(world.port)], [0, true]);
    assert.equal((await world.ok<Answer>(["start", "web"])).outcome, "started");
    await world.ok(["stop", "web"]);
    await waitFor("the second one to end", async () => (await daemonised(world)) === undefined);
  }),
);

/** Refuses to end, and leaves word that it was asked. */
const stubbornServer = `
  process.on("SIGTERM", () => process.getBuiltinModule("node:fs").writeFileSync("asked", ""));${plainServer}`;
const isAsked = (world: World) =>
  waitFor("the server to be asked", () => existsSync(join(world.cwd, "asked")));

test(
  "the host is killed in the middle of a stop: the stop is finished without it",
  inWorld({ server: stubbornServer, app: { stopTimeoutMs: 5_000 } }, async (world) => {
    await world.ok(["start", "web"]);
    const host = world.host();
    const stop = world.cli(["stop", "web"]);
    await isAsked(world);
    await world.kill(host?.pid);
    const result = await stop;
    assert.equal(result.code, 0, result.stdout);
    assert.deepEqual([world.launches(), await isPortFree(world.port)], [0, true]);
    assert.equal((await world.session())?.state.kind, "stopped");
  }),
);

test(
  "the daemon is killed in the middle of a stop: the next one finishes it without being asked",
  inWorld({ server: stubbornServer, app: { stopTimeoutMs: 5_000 } }, async (world) => {
    await world.ok(["start", "web"]);
    const stop = world.cli(["stop", "web"]);
    await isAsked(world);
    await world.kill(world.home.daemonPid());
    assert.notEqual((await stop).code, 0);
    await waitFor("the next daemon to finish", async () => (await world.session())?.state.kind === "stopped");
    assert.deepEqual([world.launches(), await isPortFree(world.port)], [0, true]);
  }),
);

test(
  "a stop at any moment of a start leaves nothing",
  inWorld({ server: `await new Promise((r) => setTimeout(r, 150));${plainServer}` }, async (world) => {
    for (let round = 0; round < 6; round++) {
      const start = world.cli(["start", "web"]);
      const begun = performance.now();
      await waitFor("the moment", () => performance.now() - begun > round * 70, { intervalMs: 1 });
      await world.ok(["stop", "web"]);
      const { code } = await start;
      assert.ok(code === 0 || code === 1, `exit code ${code}`);
      // A stop that came before the start stopped nothing: then the server runs, and may.
      if (code === 0) await world.ok(["stop", "web"]);
      assert.deepEqual([world.launches(), await isPortFree(world.port)], [0, true], `round ${round}`);
    }
  }),
);

test(
  "ten callers stop one server at once, and all are told the truth",
  inWorld({}, async (world) => {
    await world.ok(["start", "web"]);
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => world.ok<StopResult>(["stop", "web"])),
    );
    const outcomes = answers.map(({ outcome }) => outcome);
    assert.equal(outcomes.filter((outcome) => outcome === "stopped").length >= 1, true);
    assert.deepEqual([world.launches(), await isPortFree(world.port)], [0, true]);
  }),
);

test(
  "the daemon is stopped (SIGSTOP): callers are told in time, the server serves on, and all is as before when it wakes",
  inWorld({}, async (world) => {
    await world.ok(["start", "web"]);
    const daemon = world.home.daemonPid();
    await world.kill(daemon, "SIGSTOP");
    const begun = performance.now();
    const error = await world.refused(["status"]);
    assert.deepEqual([error.code, error.exit], ["DEADLINE", 5], error.message);
    assert.ok(performance.now() - begun < 120_000);
    assert.equal(await world.answer(), "ours");
    await world.kill(daemon, "SIGCONT");
    assert.equal((await world.ok<Answer>(["start", "web"])).outcome, "reused");
    await world.ok(["stop", "web"]);
  }),
);

test(
  "the host is stopped (SIGSTOP): a start says so, and a stop ends it with its whole tree",
  inWorld({ server: serverWithDaemon }, async (world) => {
    const { pid } = await world.ok<Answer>(["start", "web"]);
    const hidden = await waitFor("the daemonised child", () => daemonised(world).catch(() => undefined));
    const host = world.host();
    await world.kill(host?.pid, "SIGSTOP");
    await world.kill(pid, "SIGKILL");
    const error = await world.refused(["start", "web"]);
    assert.equal(error.code, "HOST_FAILED");
    await world.ok(["stop", "web"]);
    assert.equal(isAlive(hidden), false, "the daemonised child");
    assert.equal(world.host(), undefined, "the host");
    assert.deepEqual([world.launches(), await isPortFree(world.port)], [0, true]);
  }),
);

test(
  "a server whose first process is stopped (SIGSTOP) is ended all the same",
  inWorld({}, async (world) => {
    const { pid } = await world.ok<Answer>(["start", "web"]);
    await world.kill(pid, "SIGSTOP");
    await world.ok(["stop", "web"]);
    assert.deepEqual([world.launches(), await isPortFree(world.port)], [0, true]);
  }),
);

test(
  "the caller is killed while it starts a server: the start goes on to its end, and the server after it",
  inWorld({ server: "setInterval(() => {}, 1000)" }, async (world) => {
    await world.daemon();
    const caller = await startCli(["start", "web", "--timeout", "3", "--cwd", world.cwd], {
      home: world.home,
    });
    await waitFor("the launch", () => world.launches() === 1);
    await world.kill(caller.pid);
    const error = await world.refused(["start", "web", "--timeout", "6"]);
    assert.deepEqual([error.code, world.launches()], ["DEADLINE", 1]);
    await world.ok(["stop", "web"]);
    assert.equal(world.launches(), 0);
  }),
);

test(
  "files of a session that are garbage are no obstacle",
  inWorld({}, async (world) => {
    await world.ok(["start", "web"]);
    const { sandboxId } = (await world.session()) as { sandboxId: string };
    const directory = join(world.home.directory, "sessions", sandboxId, "dev_server_web");
    await writeFile(join(directory, "ledger.json"), "{");
    await writeFile(join(directory, "host.json"), "garbage");
    await world.kill(world.home.daemonPid());
    assert.equal((await world.ok<Answer>(["start", "web"])).outcome, "reused");
    await world.ok(["stop", "web"]);
    assert.deepEqual([world.launches(), await isPortFree(world.port)], [0, true]);
    await writeFile(join(directory, "thread.db"), "garbage".repeat(1000));
    assert.equal((await world.ok<Answer>(["start", "web"])).outcome, "started");
    await world.ok(["stop", "web"]);
  }),
);
