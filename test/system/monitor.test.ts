import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { type TestContext, test } from "node:test";
import type { Alert, AlertBoard } from "../../shared/model/alert.ts";
import { type Running, startProgram } from "../support/child.ts";
import { commandLine, runCli, startCli } from "../support/cli.ts";
import { createHome, type TestHome } from "../support/home.ts";
import { runJson } from "../support/json.ts";
import { startRedis } from "../support/redis.ts";
import { patienceMs, waitFor } from "../support/wait.ts";

const program = new URL("../integration/monitor/lock-owner.ts", import.meta.url).pathname;
const register = new URL("../support/register.mjs", import.meta.url).href;
const ring = ["one:{ring}", "two:{ring}", "three:{ring}"];
/** Three processes that wait for each other on a Redis of their own. */
async function deadlock(t: TestContext): Promise<{ env: NodeJS.ProcessEnv; owners: readonly Running[] }> {
  const redis = await startRedis();
  t.after(() => redis.stop());
  const owners = await Promise.all(
    ring.map((key, index) => {
      const words = ["--import", register, program, redis.url, key, ring[(index + 1) % 3] ?? "", "3"];
      return startProgram(process.execPath, words);
    }),
  );
  for (const owner of owners) t.after(() => void owner.process.kill("SIGKILL"));
  return { env: { DEVLATCH_REDIS_URL: redis.url }, owners };
}

interface Line {
  readonly locks: readonly { key: string }[];
  readonly alerts: readonly { kind: string; keys: string[]; remedy: string }[];
}

function linesOf(watching: Running): Line[] {
  return watching
    .stdout()
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Line);
}

test("a deadlock of others on the Redis is shown by every verb of every daemon, and its end too", async (t) => {
  const { env, owners } = await deadlock(t);
  const [first, second] = [createHome(t), createHome(t)];
  const watching = await startCli(["locks", "--watch", "--json"], { home: first, env });
  t.after(() => void watching.process.kill("SIGKILL"));
  const isNamed = () => linesOf(watching).find(({ alerts }) => alerts[0]?.kind === "deadlock");
  const named = await waitFor("the deadlock in the watch", isNamed);
  assert.deepEqual(named.alerts[0]?.keys.toSorted(), ring.toSorted());

  const options = { home: second, env };
  await waitFor("it in the other daemon", async () => {
    return (await runCli(["locks"], options)).stdout.includes("deadlock: None of these can go on");
  });
  const list = await runJson<{ key: string }[]>(["locks"], options);
  assert.deepEqual(
    list.map(({ key }) => key),
    ring.toSorted(),
  );
  assert.match((await runCli(["metrics"], options)).stdout, /^devlatch_lock_alerts\{kind="deadlock"\} 1$/m);
  const health = await runJson<Health>(["health"], options);
  assert.equal(health.components.concurrency.status, "critical");
  assert.match(health.components.concurrency.summary, /Cancel owner of/);
  const alerts = await lockAlerts(options);
  assert.deepEqual(
    alerts.map(({ title, severity, notify }) => [title, severity, notify]),
    [["Deadlock", "critical", true]],
  );

  owners[0]?.process.kill("SIGTERM");
  await waitFor(
    "the end in the watch",
    () => {
      const last = linesOf(watching).at(-1);
      return last?.alerts.length === 0 && last.locks.length === 0;
    },
    { describe: () => watching.stdout() },
  );
  watching.process.kill("SIGINT");
  assert.equal((await watching.finished()).code, 0);
  const after = await runJson<Health>(["health"], options);
  assert.equal(after.components.concurrency.status, "healthy");
  assert.deepEqual(await lockAlerts(options), []);
});

async function lockAlerts(options: Parameters<typeof runCli>[1]): Promise<readonly Alert[]> {
  const { alerts } = await runJson<AlertBoard>(["alerts"], options);
  return alerts.filter(({ kind }) => kind === "lock");
}

interface Health {
  readonly components: { readonly concurrency: { readonly status: string; readonly summary: string } };
}

test("at a terminal the watch is a table that renews itself, and Ctrl-C ends it well", async (t) => {
  const home: TestHome = createHome(t);
  const { env } = await deadlock(t);
  // exec: a shell in between, which dash keeps, would answer Ctrl-C with 130 of its own.
  const command = `exec '${process.execPath}' '${commandLine}' locks --watch`;
  const child = spawn("script", ["-qec", command, "/dev/null"], {
    env: home.env({ TERM: "xterm", ...env }),
    stdio: ["pipe", "pipe", "inherit"],
  });
  t.after(() => void child.kill("SIGKILL"));
  let shown = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    shown += chunk;
  });
  const describe = () => shown;
  await waitFor(
    "the table with the alert",
    () => /LOCK +HELD BY.*one:\{ring\}.*deadlock.*Cancel/s.test(shown),
    {
      describe,
    },
  );
  // The cursor goes up over what is there (CSI A) and all below it is erased (CSI J).
  const sequences = () => shown.split("\u001b").map((text) => /^\[\d+[AJ]/.exec(text)?.[0].at(-1));
  await waitFor("a renewal", () => sequences().join("").includes("AJ"), { describe });
  child.stdin.write("\u0003");
  const [code] = (await once(child, "close", { signal: AbortSignal.timeout(patienceMs) })) as [number | null];
  assert.equal(code, 0, shown);
});
