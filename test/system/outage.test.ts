import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { runCli, startCli } from "../support/cli.ts";
import { createHome, type TestHome } from "../support/home.ts";
import { runJson } from "../support/json.ts";
import { freePort, isPortFree } from "../support/ports.ts";
import { prepareProject } from "../support/projects.ts";
import { startRedis } from "../support/redis.ts";
import { waitFor } from "../support/wait.ts";
import type { Answer } from "./answer.ts";
import { liveLaunches } from "./launches.ts";

interface Status {
  readonly daemon: { readonly store: { readonly healthy: boolean } };
  readonly sessions: readonly { readonly app: string; readonly state: { readonly kind: string } }[];
}

async function prepare(t: TestContext, sandbox?: string) {
  const redis = await startRedis();
  t.after(() => redis.stop());
  const home = createHome(t);
  const cwd = await prepareProject("plain", t);
  const [web, api] = [await freePort(), await freePort()];
  const apps = { web: { port: web }, api: { command: "node server.js", port: api } };
  await writeFile(join(cwd, "devlatch.json"), JSON.stringify({ ...(sandbox ? { sandbox } : {}), apps }));
  const env = { DEVLATCH_REDIS_URL: redis.url };
  const run = <T = Answer>(words: readonly string[], where: TestHome = home) =>
    runJson<T>([...words, "--cwd", cwd], { home: where, env });
  const isAway = (away: boolean, where: TestHome = home) =>
    waitFor(
      away ? "the outage to be noticed" : "Redis to be back",
      async () => (await run<Status>(["status"], where)).daemon.store.healthy === !away,
    );
  return { redis, home, cwd, web, api, env, run, isAway };
}

test("while Redis is away a sandbox of this machine goes on, over a restart of the daemon too, and Redis learns of it", async (t) => {
  const { redis, home, web, api, run, isAway } = await prepare(t);
  const before = await run(["start", "web"]);
  await redis.kill();

  assert.equal((await run(["start", "web"])).outcome, "reused");
  const started = await run(["start", "api"]);
  assert.deepEqual([started.outcome, started.port], ["started", api]);
  assert.ok(started.fence > before.fence);
  await isAway(true);
  const pid = home.daemonPid();
  assert.ok(pid);
  process.kill(pid, "SIGKILL");
  await waitFor("the daemon to be gone", () => home.daemonPid() === undefined);
  assert.deepEqual(
    [(await run(["start", "api"])).pid, (await run(["start", "web"])).pid],
    [started.pid, before.pid],
  );
  await run(["stop", "web"]);
  assert.ok(await isPortFree(web));

  await redis.restart();
  await isAway(false);
  const other = createHome(t);
  const joined = await run(["start", "api"], other);
  assert.deepEqual([joined.outcome, joined.pid], ["reused", started.pid]);
  assert.equal((await run(["start", "web"], other)).outcome, "started");
  assert.equal(liveLaunches(home).size + liveLaunches(other).size, 2);
  for (const app of ["web", "api"]) await run(["stop", app]);
  assert.ok((await isPortFree(web)) && (await isPortFree(api)));
});

test("a start under way when Redis goes away ends well, and is known when Redis is back with its data", async (t) => {
  const { redis, home, cwd, web, env, run, isAway } = await prepare(t);
  const slow = `
    import { existsSync } from "node:fs";
    import { createServer } from "node:http";
    const wait = setInterval(() => {
      if (!existsSync("listen")) return;
      clearInterval(wait);
      createServer((_, response) => response.end("up")).listen(Number(process.env.PORT));
    }, 20);`;
  await writeFile(join(cwd, "server.js"), slow);
  const starting = await startCli(["start", "web", "--json", "--cwd", cwd], { home, env });
  await waitFor("the launch", () => liveLaunches(home).size === 1);
  redis.pause();
  await isAway(true);
  await writeFile(join(cwd, "listen"), "");
  const ended = await starting.finished(60_000);
  assert.equal(ended.code, 0, ended.stdout + ended.stderr);
  const answer = JSON.parse(ended.stdout) as Answer;
  assert.deepEqual([answer.outcome, answer.port], ["started", web]);

  redis.resume();
  await isAway(false);
  const other = createHome(t);
  assert.equal((await run(["start", "web"], other)).pid, answer.pid);
  await run(["stop", "web"], other);
  assert.ok(await isPortFree(web));
  await waitFor("the first daemon to hear of it", async () => {
    const { sessions } = await run<Status>(["status"]);
    return sessions.find(({ app }) => app === "web")?.state.kind === "stopped";
  });
});

test("while Redis is away a shared sandbox refuses what is new with exit code 4; what runs, runs on", async (t) => {
  const { redis, home, cwd, env, run } = await prepare(t, "team-box");
  const before = await run(["start", "web"]);
  await redis.kill();
  const refused = await runCli(["start", "api", "--json", "--cwd", cwd], { home, env });
  assert.equal(refused.code, 4, refused.stdout + refused.stderr);
  assert.equal(liveLaunches(home).size, 1);
  assert.equal(await (await fetch(before.url)).text().then((text) => text.length > 0), true);
  await redis.restart();
});

test("two daemons of one machine on one Redis: neither goes on alone, and each names the other", async (t) => {
  const { redis, home, cwd, env, run } = await prepare(t);
  const other = createHome(t);
  await run(["start", "web"]);
  await run(["start", "web"], other);
  await redis.kill();
  for (const [where, rival] of [
    [home, other],
    [other, home],
  ] as const) {
    const refused = await runCli(["start", "api", "--json", "--cwd", cwd], { home: where, env });
    assert.equal(refused.code, 4, refused.stdout + refused.stderr);
    assert.match(
      refused.stdout,
      new RegExp(`Another daemon of this machine \\(process ${rival.daemonPid()}\\)`),
    );
  }
  await redis.restart();
});

test("a Redis that was never reached gives no daemon the authority to go on alone", async (t) => {
  const { redis, home, cwd, env } = await prepare(t);
  await redis.kill();
  const refused = await runCli(["start", "web", "--json", "--cwd", cwd], { home, env });
  assert.equal(refused.code, 4, refused.stdout + refused.stderr);
  assert.match(refused.stdout, /never been reached/);
});
