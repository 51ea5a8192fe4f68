import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { startProgram } from "../support/child.ts";
import { createHome } from "../support/home.ts";
import { freePort } from "../support/ports.ts";
import { prepareProject } from "../support/projects.ts";
import { healthOf, othersOf } from "./health-report.ts";
import { runJson } from "./json.ts";

const burner = new URL("../fixtures/processes/burner.mjs", import.meta.url).pathname;

test("the CPU is busy for as long as is configured: shown by the next check, and well when it is over", {
  timeout: 90_000,
}, async (t) => {
  const home = createHome(t);
  const settings = { cpu: { warning: 97, critical: 99 }, sustainedMs: 3_000 };
  writeFileSync(join(home.directory, "health.json"), JSON.stringify(settings));
  const health = healthOf(home);
  assert.equal(
    (await health.check()).components.resources.findings?.find(({ id }) => id === "cpu"),
    undefined,
  );
  const burners = await Promise.all(
    Array.from({ length: availableParallelism() * 2 }, () =>
      startProgram(process.execPath, [burner, home.directory, "cpu"]),
    ),
  );
  const endAll = () => {
    for (const { process } of burners) process.kill("SIGKILL");
  };
  t.after(endAll);
  const begun = performance.now();
  const found = await health.until("resources", "critical");
  assert.ok(performance.now() - begun >= 2_000, "a burst is no trouble");
  assert.match(found.components.resources.summary, /^The CPU has been busy at (99|100) % or more for 3 s$/);
  assert.deepEqual(othersOf(found, "resources"), {
    store: "healthy",
    database: "healthy",
    concurrency: "healthy",
    servers: "healthy",
  });
  endAll();
  await health.until("resources", "healthy", 60_000);
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

test("a server leaks: a warning before it is stopped, critical when that is near, and well when it gives back", {
  timeout: 120_000,
}, async (t) => {
  const home = createHome(t);
  const cwd = await prepareProject("plain", t);
  await writeFile(join(cwd, "server.js"), leaky);
  const web = { command: "node --expose-gc server.js", port: await freePort(), limits: { memoryMb: 400 } };
  await writeFile(join(cwd, "devlatch.json"), JSON.stringify({ apps: { web } }));
  await runJson(["start", "web", "--cwd", cwd], { home });
  const health = healthOf(home);
  assert.equal((await health.check()).components.resources.status, "healthy");
  writeFileSync(join(cwd, "memory"), "280");
  const found = await health.until("resources", "warning");
  const { summary } = found.components.resources;
  assert.match(
    summary,
    /^dev_server_web uses (2[89]|3\d)\d MB of memory, [78]\d % of the 400 MB at which it is stopped$/,
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
    const { status, summary } = (await health.check()).components.resources;
    assert.equal(status, "warning");
    assert.match(summary, /health\.json can't be used: .* The default thresholds apply\./);
    return summary;
  };
  assert.match(
    await problem('{ "cpu": { "warning": 95 } }'),
    /cpu: "warning" \(default 70\) must not be above/,
  );
  assert.match(await problem('{\n "cpu": {\n'), /line 2|line 3/);
  assert.match(await problem('{ "cpus": {} }'), /cpus/);
  assert.match(await problem('{ "disk": { "critical": "all" } }'), /disk\.critical: .*number/);
  rmSync(file);
  assert.equal((await health.check()).components.resources.status, "healthy");
});
