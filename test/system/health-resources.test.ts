import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { availableParallelism, cpus } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { lastingStatus } from "../../shared/model/health.ts";
import { startProgram } from "../support/child.ts";
import { createHome, type TestHome } from "../support/home.ts";
import { freePort } from "../support/ports.ts";
import { prepareProject } from "../support/projects.ts";
import { waitFor } from "../support/wait.ts";
import { healthOf, othersOf } from "./health-report.ts";
import { runJson } from "./json.ts";

const burner = new URL("../fixtures/processes/burner.mjs", import.meta.url).pathname;

/** Keeps all processors busy. @returns ends that */
async function burn(home: TestHome, t: TestContext): Promise<() => void> {
  const burners = await Promise.all(
    Array.from({ length: availableParallelism() * 2 }, () =>
      startProgram(process.execPath, [burner, home.directory, "cpu"]),
    ),
  );
  const end = () => {
    for (const { process } of burners) process.kill("SIGKILL");
  };
  t.after(end);
  return end;
}

const allWell = { store: "healthy", database: "healthy", concurrency: "healthy", servers: "healthy" };

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
  const end = await burn(home, t);
  const begun = performance.now();
  const found = await health.until("resources", "critical");
  assert.ok(performance.now() - begun >= 2_000, "a burst is no trouble");
  assert.match(found.components.resources.summary, /^The CPU has been busy at (99|100) % or more for 3 s$/);
  assert.deepEqual(othersOf(found, "resources"), allWell);
  end();
  await health.until("resources", "healthy", 60_000);
});

test("the CPU is busy: one check a moment later shows it, and it counts for nothing for ten minutes", {
  timeout: 120_000,
}, async (t) => {
  const home = createHome(t);
  // Half a minute where nothing is set. A machine that runs tests is at 70 % by itself.
  const settings = { cpu: { warning: 97, critical: 99 }, confirmMs: 5_000 };
  writeFileSync(join(home.directory, "health.json"), JSON.stringify(settings));
  const health = healthOf(home);
  await health.check();
  const end = await burn(home, t);
  const busy = new Sampled();
  // By the system's account, so that what is asked once is asked at the right time.
  await waitFor("a busy CPU", () => busy.forMs(0.98) > 7_000, {
    timeoutMs: 90_000,
    intervalMs: 500,
  });
  const found = await health.check();
  const { status, summary } = found.components.resources;
  assert.equal(status, "warning");
  assert.match(summary, /^The CPU is busy at \d+ %, on average of 5 s \(it counts once it lasts 10 min\)$/);
  assert.deepEqual([found.status, lastingStatus(found.components.resources)], ["healthy", "healthy"]);
  assert.deepEqual(othersOf(found, "resources"), allWell);
  end();
  const isOver = async () => (await health.check()).components.resources.findings?.length === 0;
  await waitFor("the end of it", isOver, { timeoutMs: 60_000, intervalMs: 500 });
});

/** How long the machine has been busy. */
class Sampled {
  #last = timesOf();
  #since = performance.now();

  /** @param share of 1; a look that finds less begins anew. @returns milliseconds */
  forMs(share: number): number {
    const now = timesOf();
    const all = now.all - this.#last.all;
    if (all === 0) return 0;
    if ((now.busy - this.#last.busy) / all < share) this.#since = performance.now();
    this.#last = now;
    return performance.now() - this.#since;
  }
}

function timesOf(): { busy: number; all: number } {
  const each = cpus().map(({ times }) => ({
    idle: times.idle,
    all: Object.values(times).reduce((a, b) => a + b, 0),
  }));
  const all = each.reduce((sum, one) => sum + one.all, 0);
  return { all, busy: all - each.reduce((sum, { idle }) => sum + idle, 0) };
}

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
  assert.equal(lastingStatus((await health.check()).components.resources), "healthy");
  writeFileSync(join(cwd, "memory"), "280");
  const found = await health.until("resources", "warning");
  const leaking = found.components.resources.findings?.find(({ id }) => id.startsWith("memory:"));
  assert.match(
    leaking?.summary ?? "",
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
