import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { ensureDaemon } from "../../shared/client/daemon.ts";
import { lastingStatus } from "../../shared/model/health.ts";
import { daemonOptions } from "../support/daemon.ts";
import { createHome } from "../support/home.ts";
import { runJson } from "../support/json.ts";
import { freePort } from "../support/ports.ts";
import { prepareProject } from "../support/projects.ts";
import { waitFor } from "../support/wait.ts";
import { healthOf, othersOf } from "./health-report.ts";

const cpuTimes = new URL("../fixtures/processes/cpu-times.mjs", import.meta.url).href;

/**
 * A home whose daemon believes that the machine's processors are as busy as `set` says, as a share of 1: the machine
 * that runs the tests may be busy by itself.
 */
async function onProcessors(t: TestContext, settings: object) {
  const home = createHome(t);
  const file = join(home.directory, "cpu-share");
  const set = (share: number) => writeFileSync(file, String(share));
  set(0.1);
  writeFileSync(join(home.directory, "health.json"), JSON.stringify(settings));
  const options = daemonOptions(home);
  const program = {
    ...options.program,
    nodeArguments: ["--import", cpuTimes],
    env: { DEVLATCH_TEST_CPU_SHARE: file },
  };
  (await ensureDaemon({ ...options, program })).dispose();
  return { set, health: healthOf(home) };
}

const allWell = { store: "healthy", database: "healthy", concurrency: "healthy", servers: "healthy" };

test("the CPU is busy for as long as is configured: shown by the next check, and well when it is over", async (t) => {
  const { set, health } = await onProcessors(t, { cpu: { warning: 97, critical: 99 }, sustainedMs: 6_000 });
  assert.equal(
    (await health.check()).components.resources.findings?.find(({ id }) => id === "cpu"),
    undefined,
  );
  set(1);
  const begun = performance.now();
  const found = await health.until("resources", "critical");
  assert.ok(performance.now() - begun >= 4_000, "a burst is no trouble");
  assert.match(found.components.resources.summary, /^The CPU has been busy at (99|100) % or more for 6 s$/);
  assert.deepEqual(othersOf(found, "resources"), allWell);
  set(0.1);
  await health.until("resources", "healthy");
});

test("the CPU is busy: one check a moment later shows it, and it counts for nothing for ten minutes", async (t) => {
  // Half a minute where nothing is set.
  const { set, health } = await onProcessors(t, { cpu: { warning: 97, critical: 99 }, confirmMs: 5_000 });
  await health.check();
  set(1);
  const found = await waitFor("a busy CPU", async () => {
    const report = await health.check();
    return report.components.resources.status === "warning" && report;
  });
  assert.match(
    found.components.resources.summary,
    /^The CPU is busy at \d+ %, on average of 5 s \(it counts once it lasts 10 min\)$/,
  );
  assert.deepEqual([found.status, lastingStatus(found.components.resources)], ["healthy", "healthy"]);
  assert.deepEqual(othersOf(found, "resources"), allWell);
  set(0.1);
  const isOver = async () => (await health.check()).components.resources.findings?.length === 0;
  await waitFor("the end of it", isOver, { intervalMs: 500 });
});

/** Takes memory, in MB, as the file `memory` says. */
const leaky = `
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
let kept = [];
setInterval(() => {
  let wanted = 0;
  try { wanted = Number(readFileSync("memory", "utf8")); } catch {}
  while (kept.length * 10 < wanted) kept.push(Buffer.alloc(10 * 1024 * 1024, 1));
  if (kept.length * 10 > wanted) { kept = []; globalThis.gc(); }
}, 50);
createServer((request, response) => response.end("up")).listen(Number(process.env.PORT), "127.0.0.1");
`;

test("a server leaks: a warning before it is stopped, critical when that is near, and well when it gives back", async (t) => {
  const home = createHome(t);
  const cwd = await prepareProject("plain", t);
  await writeFile(join(cwd, "server.js"), leaky);
  const web = { command: "node --expose-gc server.js", port: await freePort(), limits: { memoryMb: 400 } };
  await writeFile(join(cwd, "devlatch.json"), JSON.stringify({ apps: { web } }));
  await runJson(["start", "web", "--cwd", cwd], { home });
  const health = healthOf(home);
  assert.equal(lastingStatus((await health.check()).components.resources), "healthy");
  writeFileSync(join(cwd, "memory"), "280");
  const found = await health.until("resources", "warning");
  const leaking = found.components.resources.findings?.find(({ id }) => id.startsWith("memory:"));
  assert.match(
    leaking?.summary ?? "",
    /^web uses (2[89]|3\d)\d MB of memory, [78]\d % of the 400 MB at which it is stopped$/,
  );
  assert.equal(found.components.servers.status, "healthy");
  writeFileSync(join(cwd, "memory"), "360");
  await health.until("resources", "critical");
  writeFileSync(join(cwd, "memory"), "0");
  await health.until("resources", "healthy");
});

test("settings that can't be used are told, and the defaults apply", async (t) => {
  const home = createHome(t);
  const file = join(home.directory, "health.json");
  const health = healthOf(home);
  const problem = async (text: string) => {
    writeFileSync(file, text);
    const { findings = [] } = (await health.check()).components.resources;
    const found = findings.find(({ id }) => id === "settings");
    assert.equal(found?.status, "warning");
    assert.match(found.summary, /health\.json can't be used: .* The default thresholds apply\./);
    return found.summary;
  };
  assert.match(
    await problem('{ "cpu": { "warning": 95 } }'),
    /cpu: "warning" \(default 70\) must not be above/,
  );
  assert.match(await problem('{\n "cpu": {\n'), /line 2|line 3/);
  assert.match(await problem('{ "cpus": {} }'), /cpus/);
  assert.match(await problem('{ "disk": { "critical": "all" } }'), /disk\.critical: .*number/);
  rmSync(file);
  assert.equal(lastingStatus((await health.check()).components.resources), "healthy");
});
