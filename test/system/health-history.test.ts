import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { HealthSample } from "../../shared/model/health-history.ts";
import type { JournalPage } from "../../shared/model/journal.ts";
import { runCli } from "../support/cli.ts";
import { connectTo } from "../support/daemon.ts";
import { createHome } from "../support/home.ts";
import { runJson } from "../support/json.ts";
import { waitFor } from "../support/wait.ts";
import { healthOf } from "./health-report.ts";

test("what was wrong and when is in history and journal, over a restart of the daemon too", async (t) => {
  const home = createHome(t);
  const health = healthOf(home);
  const settings = join(home.directory, "health.json");
  await health.check();
  writeFileSync(settings, '{ "disk": { "warning": 0.001 } }');
  assert.match(
    (await health.check()).components.resources.summary,
    /^The disk of Devlatch's home is \d+ % full/,
  );
  await runJson(["daemon", "stop"], { home });
  await waitFor("the daemon to end", () => home.daemonPid() === undefined);
  rmSync(settings);
  await health.check();
  const { samples } = await runJson<{ samples: HealthSample[] }>(["health", "--history"], { home });
  const states = samples.filter(({ component }) => component === "resources").map(({ status }) => status);
  assert.deepEqual(
    states.filter((status, index) => status !== states[index - 1]),
    ["healthy", "warning", "healthy"],
  );
  const text = (await runCli(["health", "--since", "1h"], { home })).stdout;
  assert.match(text, /^resources +warning +\S+ ms .*▄/m);
  assert.match(text, /resources warning: The disk of Devlatch's home is \d+ % full/);
  const { entries } = await runJson<JournalPage>(["journal"], { home });
  const told = entries.flatMap(({ event }) =>
    event.kind === "health" && event.component === "resources" ? [`${event.from} ${event.to}`] : [],
  );
  assert.deepEqual(told, ["healthy warning", "warning healthy"]);
  assert.match(
    (await runCli(["journal"], { home })).stdout,
    /health of resources: healthy → warning: The disk/,
  );
});

test("the editor's thresholds hold for the daemon it reaches, and only those that make sense", async (t) => {
  const home = createHome(t);
  const connection = await connectTo(home);
  t.after(() => connection.dispose());
  const resources = async () => (await connection.request("health/check", {})).components.resources;
  assert.equal((await resources()).status, "healthy");
  await connection.request("health/configure", { thresholds: { disk: { warning: 0.001, critical: 0.002 } } });
  assert.equal((await resources()).status, "critical");
  await assert.rejects(
    connection.request("health/configure", { thresholds: { disk: { warning: 95 } } }),
    /must not be above/,
  );
  await connection.request("health/configure", { thresholds: {} });
  assert.equal((await resources()).status, "healthy");
});

test("while something is wrong clients hear of it and of its end without asking", async (t) => {
  const home = createHome(t);
  const connection = await connectTo(home);
  t.after(() => connection.dispose());
  const heard: string[] = [];
  connection.onNotification("state/delta", ({ change }) => {
    if (change.kind === "health") heard.push(change.health.components.resources.status);
  });
  await connection.request("state/subscribe", {});
  await connection.request("health/configure", { thresholds: { disk: { warning: 0.001 } } });
  await waitFor("the warning", () => heard.at(-1) === "warning");
  await connection.request("health/configure", { thresholds: {} });
  await waitFor("its end", () => heard.at(-1) === "healthy");
});
