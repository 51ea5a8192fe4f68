import assert from "node:assert/strict";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { makeRepository } from "../integration/sandboxes/repository.ts";
import { type CliResult, runCli, startCli } from "../support/cli.ts";
import { createHome, type TestHome } from "../support/home.ts";
import { runJson } from "../support/json.ts";
import { freePort, isPortFree } from "../support/ports.ts";
import { startRedis } from "../support/redis.ts";
import { waitFor } from "../support/wait.ts";
import type { Answer } from "./answer.ts";

/** What `sandbox claim` and `sandbox list` print, as far as tests look at it. */
interface Sandbox {
  readonly sandboxId: string;
  readonly path: string;
  readonly ports: Readonly<Record<string, number>>;
  readonly state: string;
  readonly owner: string | null;
  readonly leaseMs: number | null;
  readonly token: string;
}

function assertAllDifferent(claims: readonly Sandbox[]): void {
  const ports = claims.flatMap((one) => Object.values(one.ports).map(String));
  for (const facts of [claims.map(({ path }) => path), claims.map(({ sandboxId }) => sandboxId), ports])
    assert.equal(new Set(facts).size, facts.length, `${facts}`);
}

function codeOf({ json }: CliResult): string {
  return (json as { error: { code: string } }).error.code;
}

/** Forty new processes on a loaded machine may not reach the daemon in time: then they ask again, as a person would. */
async function reachThen(args: readonly string[], home: TestHome): Promise<CliResult> {
  for (let attempt = 1; ; attempt++) {
    const result = await runCli(args, { home, timeoutMs: 180_000 });
    if (attempt === 5 || !result.stdout.includes("Connecting to the daemon took longer")) return result;
  }
}

test("forty processes that claim from a pool of eight: eight owners, thirty-two clear answers", async (t) => {
  const home = createHome(t);
  const config = { apps: { web: { port: await freePort() } }, sandboxes: { max: 8 } };
  const { path: cwd } = await makeRepository(t, config);
  const results = await Promise.all(
    Array.from({ length: 40 }, async (_, index) => {
      const wait = index % 2 === 0 ? [] : ["--wait", "1"];
      const args = ["sandbox", "claim", "--json", "--cwd", cwd, "--name", `owner ${index}`, ...wait];
      return { waits: wait.length > 0, result: await reachThen(args, home) };
    }),
  );
  const owners = results
    .filter(({ result }) => result.code === 0)
    .map(({ result }) => result.json as Sandbox);
  assert.equal(owners.length, 8, results.map(({ result }) => result.stdout).join("\n"));
  assertAllDifferent(owners);
  for (const { waits, result } of results.filter(({ result }) => result.code !== 0)) {
    assert.equal(result.code, waits ? 5 : 3, result.stdout);
    assert.equal(codeOf(result), waits ? "DEADLINE" : "POOL_EXHAUSTED");
    assert.match(result.stdout, /owner \d+/);
  }

  // One that waits gets the first that is released.
  const waiting = await startCli(["sandbox", "claim", "--json", "--cwd", cwd, "--wait", "60"], { home });
  const [first] = owners;
  assert.ok(first);
  const released = await runCli(
    ["sandbox", "release", first.sandboxId, "--token", first.token, "--json", "--cwd", cwd],
    { home },
  );
  assert.equal(released.code, 0, released.stdout);
  const served = await waiting.finished();
  assert.equal(served.code, 0, served.stdout);
  assert.equal((JSON.parse(served.stdout) as Sandbox).path, first.path);
});

test("leases and ports are kept over a restart of the daemon", async (t) => {
  const home = createHome(t);
  const config = { apps: { web: { port: await freePort() } }, sandboxes: { max: 3 } };
  const { path: cwd } = await makeRepository(t, config);
  const claim = () => runJson<Sandbox>(["sandbox", "claim", "--cwd", cwd, "--lease", "600"], { home });
  const before = [await claim(), await claim()];
  await runCli(["daemon", "stop"], { home });

  const listed = await runJson<Sandbox[]>(["sandbox", "list", "--cwd", cwd], { home });
  const facts = (one: Sandbox) => [one.sandboxId, one.path, one.ports, one.owner];
  assert.deepEqual(listed.map(facts), before.map(facts));
  for (const { leaseMs } of listed) assert.ok(leaseMs !== null && leaseMs > 0 && leaseMs < 600_000);
  assertAllDifferent([...before, await claim()]);
  // In the sandbox itself no token is needed; the file that has it is the user's alone.
  const [first] = before;
  assert.ok(first);
  assert.equal(statSync(join(home.directory, "sandboxes", `${first.sandboxId}.token`)).mode & 0o777, 0o600);
  const renewed = await runJson<Sandbox>(["sandbox", "renew", "--lease", "900", "--cwd", first.path], {
    home,
  });
  assert.ok(renewed.leaseMs !== null && renewed.leaseMs > 800_000);
  await runJson(["sandbox", "release", "--cwd", first.path], { home });
});

test("two claimed sandboxes and the checkout run the same app at once, each on its own ports", async (t) => {
  const home = createHome(t);
  const port = await freePort();
  const api = { command: "node server.js", port: port + 1 };
  const { path: cwd } = await makeRepository(t, { apps: { web: { port }, api } });
  const claims = await Promise.all(
    ["one", "two"].map((name) =>
      runJson<Sandbox>(["sandbox", "claim", "--cwd", cwd, "--name", name], { home }),
    ),
  );
  const places = [{ path: cwd, ports: { web: port, api: port + 1 } }, ...claims];
  const answers = await Promise.all(
    places.map(({ path }) => runJson<Answer>(["start", "web", "--cwd", path], { home })),
  );

  for (const [index, { path, ports }] of places.entries()) {
    const answer = answers[index];
    assert.equal(answer?.port, ports["web"]);
    assert.match(await (await fetch(answer?.url ?? "")).text(), /Hello from plain/);
    const environment = readFileSync(`/proc/${answer?.pid}/environ`, "utf8").split("\0");
    for (const [name, value] of [
      ["PORT", ports["web"]],
      ["DEVLATCH_PORT_WEB", ports["web"]],
      ["DEVLATCH_PORT_API", ports["api"]],
    ])
      assert.ok(environment.includes(`${name}=${value}`), `${name}=${value} in ${path}`);
    const printed = await runCli(["env", "--cwd", path], { home });
    assert.deepEqual(printed.stdout.trim().split("\n").sort(), [
      `export DEVLATCH_PORT_API=${ports["api"]}`,
      `export DEVLATCH_PORT_WEB=${ports["web"]}`,
      `export PORT=${ports["web"]}`,
    ]);
  }
  assert.equal(new Set(answers.map(({ sandboxId }) => sandboxId)).size, 3);
  assert.deepEqual(
    answers.slice(1).map(({ sandboxId }) => sandboxId),
    claims.map(({ sandboxId }) => sandboxId),
  );

  // A release ends what runs there, and nothing else; the next owner has neither its output nor its server.
  const [one, two] = claims;
  assert.ok(one && two);
  await runJson(["sandbox", "release", "--cwd", one.path], { home });
  assert.ok(await isPortFree(one.ports["web"] ?? 0));
  assert.ok((await fetch(`http://localhost:${two.ports["web"]}`)).ok);
  const unclaimed = await runCli(["start", "web", "--json", "--cwd", one.path], { home });
  assert.equal(codeOf(unclaimed), "SANDBOX_BUSY", unclaimed.stdout);
  const next = await runJson<Sandbox>(["sandbox", "claim", "--cwd", cwd], { home });
  assert.equal(next.path, one.path);
  assert.equal((await runCli(["logs", "web", "--json", "--cwd", next.path], { home })).code, 1);
});

test("two homes on one Redis have a pool each of an explicit sandbox, whose sandboxes don't meet", async (t) => {
  const redis = await startRedis();
  t.after(() => redis.stop());
  const homes = [createHome(t), createHome(t)] as const;
  const env = { DEVLATCH_REDIS_URL: redis.url };
  const config = { sandbox: "team-box", apps: { web: { port: await freePort() } }, sandboxes: { max: 4 } };
  const { path: cwd } = await makeRepository(t, config);
  const results = await Promise.all(
    Array.from({ length: 12 }, (_, index) =>
      runCli(["sandbox", "claim", "--json", "--cwd", cwd], {
        home: homes[index % 2 === 0 ? 0 : 1],
        env,
        timeoutMs: 120_000,
      }),
    ),
  );
  const owners = results.filter(({ code }) => code === 0).map(({ json }) => json as Sandbox);
  // What is deleted and prepared isn't taken from Redis, where others may write.
  assert.equal(owners.length, 8);
  assert.equal(new Set(owners.map(({ path }) => path)).size, 8);
  for (const rest of [0, 1])
    assertAllDifferent(
      results
        .filter(({ code }, index) => code === 0 && index % 2 === rest)
        .map(({ json }) => json as Sandbox),
    );
  for (const result of results.filter(({ code }) => code !== 0))
    assert.equal(codeOf(result), "POOL_EXHAUSTED");
  const first = results.find(({ code }, index) => code === 0 && index % 2 === 0)?.json as Sandbox;
  const answer = await runJson<Answer>(["start", "web", "--cwd", first.path], { home: homes[0], env });
  assert.deepEqual([answer.port, answer.sandboxId], [first.ports["web"], first.sandboxId]);
  const args = ["sandbox", "release", first.sandboxId, "--token", first.token, "--cwd", cwd];
  const strange = await runCli([...args, "--json"], { home: homes[1], env });
  assert.notEqual(strange.code, 0, strange.stdout);
  assert.ok((await fetch(`http://localhost:${first.ports["web"]}`)).ok, "the other home ended its server");
  assert.equal((await runCli([...args, "--json"], { home: homes[0], env })).code, 0);
  assert.ok(await isPortFree(first.ports["web"] ?? 0));
});

test("a held claim renews its lease until it is interrupted", async (t) => {
  const home = createHome(t);
  const { path: cwd } = await makeRepository(t, { sandboxes: { max: 1 } });
  const holding = await startCli(["sandbox", "claim", "--hold", "--lease", "3", "--cwd", cwd], { home });
  await holding.printed(/is yours/);
  const lease = async () =>
    (await runJson<Sandbox[]>(["sandbox", "list", "--cwd", cwd], { home }))[0]?.leaseMs ?? 0;
  const begun = Date.now();
  await waitFor(
    "the lease to live longer than it was given",
    async () => Date.now() - begun > 4_000 && (await lease()) > 0,
  );
  holding.process.kill("SIGINT");
  assert.equal((await holding.finished()).code, 0);
  await waitFor("the lease to end", async () => (await lease()) === 0);
});

test("flags that mean nothing for an action are refused, and so is a directory without a sandbox", async (t) => {
  const home = createHome(t);
  const { path: cwd } = await makeRepository(t, {});
  for (const args of [
    ["list", "--wait", "3"],
    ["claim", "sb_x"],
    ["renew", "--discard"],
    ["release", "sb_none"],
    ["release"],
  ]) {
    const result = await runCli(["sandbox", ...args, "--json", "--cwd", cwd], { home });
    assert.equal(result.code, 2, result.stdout);
  }
});
