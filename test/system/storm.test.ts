import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { often } from "../support/campaign.ts";
import { runCli } from "../support/cli.ts";
import { createHome, type TestHome } from "../support/home.ts";
import { assertNoneLeft } from "../support/leaks.ts";
import { freePort, isPortFree } from "../support/ports.ts";
import { prepareProject } from "../support/projects.ts";
import { startRedis } from "../support/redis.ts";
import type { Answer } from "./answer.ts";
import { liveLaunches } from "./launches.ts";

/** How many processes ask at once; the bench has a thousand callers ask four daemons. */
const callers = { one: 50, two: often(16, 50) };

/** `start web` from many processes at once, shared out over the homes; every answer. */
async function storm(
  homes: readonly TestHome[],
  cwd: string,
  callers: number,
  env: NodeJS.ProcessEnv = {},
): Promise<Answer[]> {
  const runs = Array.from({ length: callers }, (_, index) => {
    const home = homes[index % homes.length];
    assert.ok(home);
    return runCli(["start", "web", "--json", "--cwd", cwd], { home, env, timeoutMs: 600_000 });
  });
  const results = await Promise.all(runs);
  return results.map((result) => {
    assert.equal(result.code, 0, result.stdout + result.stderr);
    return result.json as Answer;
  });
}

function assertOneServer(answers: readonly Answer[], port: number): void {
  const facts = new Set(
    answers.map(({ pid, url, session, sandboxId }) => JSON.stringify({ pid, url, session, sandboxId })),
  );
  assert.equal(facts.size, 1, `Different answers: ${[...facts].join("\n")}`);
  assert.equal(answers[0]?.port, port);
  assert.equal(
    answers.filter(({ outcome }) => outcome === "started").length,
    1,
    "exactly one caller started it",
  );
}

test("fifty processes that start web at once get one server and fifty equal answers", async (context) => {
  const home = createHome(context);
  const cwd = await prepareProject("plain", context);
  const port = await freePort();
  await writeFile(join(cwd, "devlatch.json"), JSON.stringify({ apps: { web: { port } } }));

  const answers = await storm([home], cwd, callers.one);

  assertOneServer(answers, port);
  assert.equal(liveLaunches(home).size, 1, "one process tree");
  const stopped = await runCli(["stop", "web", "--json", "--cwd", cwd], { home });
  assert.equal(stopped.code, 0, stopped.stderr);
  assert.ok(await isPortFree(port), "the port can be bound again");
  assert.equal(liveLaunches(home).size, 0);
});

test("two daemons on one Redis with the same explicit sandbox share one server", async (context) => {
  const redis = await startRedis();
  context.after(() => redis.stop());
  const homes = [createHome(context), createHome(context)];
  const cwd = await prepareProject("plain", context);
  const port = await freePort();
  await writeFile(
    join(cwd, "devlatch.json"),
    JSON.stringify({ sandbox: "team-box", apps: { web: { port } } }),
  );
  const env = { DEVLATCH_REDIS_URL: redis.url };

  const answers = await storm(homes, cwd, callers.two, env);

  assertOneServer(answers, port);
  assert.equal(homes.flatMap((home) => [...liveLaunches(home)]).length, 1, "one process tree");
  const [first, second] = homes;
  assert.ok(first && second);
  // Whichever daemon started it, the other one can stop it.
  const starter = liveLaunches(first).size === 1 ? second : first;
  const stopped = await runCli(["stop", "web", "--json", "--cwd", cwd], { home: starter, env });
  assert.equal(stopped.code, 0, stopped.stdout + stopped.stderr);
  assert.ok(await isPortFree(port), "the port can be bound again");
  for (const home of homes) {
    await runCli(["daemon", "stop"], { home, env });
    await assertNoneLeft({ DEVLATCH_HOME: home.directory }, { graceMs: 30_000 });
  }
});
