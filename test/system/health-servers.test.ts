import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { createHome } from "../support/home.ts";
import { runJson } from "../support/json.ts";
import { freePort } from "../support/ports.ts";
import { prepareProject } from "../support/projects.ts";
import { healthOf, othersOf } from "./health-report.ts";

/** Does what the file `mode` says: answer, fail, say nothing, or close its port for a while and live on. */
const moody = `
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
const mode = () => { try { return readFileSync("mode", "utf8"); } catch { return "answer"; } };
const server = createServer((request, response) => {
  if (mode() === "silent") return;
  const fails = mode() === "fail" || (mode() === "fail /" && request.url === "/");
  response.writeHead(fails ? 500 : 200).end("up");
});
const listen = () => server.listen(Number(process.env.PORT), "127.0.0.1");
listen();
setInterval(() => {
  if (mode() === "closed" && server.listening) { server.close(); server.closeAllConnections(); }
  if (mode() !== "closed" && !server.listening) listen();
}, 20);
`;

async function start(t: TestContext, app: object = {}) {
  const home = createHome(t);
  writeFileSync(join(home.directory, "health.json"), '{ "confirmMs": 1000 } // for a short test');
  const cwd = await prepareProject("plain", t);
  const port = await freePort();
  await writeFile(join(cwd, "server.js"), moody);
  await writeFile(join(cwd, "devlatch.json"), JSON.stringify({ apps: { web: { port, ...app } } }));
  await runJson(["start", "web", "--cwd", cwd], { home });
  const health = healthOf(home);
  const mode = (text: string) => writeFileSync(join(cwd, "mode"), text);
  const before = await health.check();
  assert.deepEqual(
    [before.components.servers.status, before.components.servers.summary],
    ["healthy", "1 server answers"],
  );
  return { home, cwd, health, mode, run: (words: string[]) => runJson([...words, "--cwd", cwd], { home }) };
}

const allWell = { store: "healthy", database: "healthy", concurrency: "healthy", resources: "healthy" };

test("a server fails every request: a warning in one check, and well when it answers again", async (t) => {
  const { health, mode } = await start(t);
  mode("fail");
  const found = await health.check();
  assert.deepEqual([found.status, found.components.servers.status], ["warning", "warning"]);
  assert.equal(found.components.servers.summary, "web of plain answers with 500");
  assert.deepEqual(othersOf(found, "servers"), allWell);
  mode("answer");
  assert.equal((await health.check()).status, "healthy");
});

test("where a path is configured that one is asked", async (t) => {
  const { health, mode } = await start(t, { ready: { http: "/health" } });
  mode("fail /");
  assert.equal((await health.check()).components.servers.status, "healthy");
  mode("fail");
  assert.equal((await health.check()).components.servers.status, "warning");
});

test("a server no longer listens: critical in one check, and well when it does", async (t) => {
  const { health, mode } = await start(t);
  mode("closed");
  const found = await health.check();
  assert.equal(found.components.servers.status, "critical", JSON.stringify(found.components.servers));
  assert.match(found.components.servers.summary, /^web of plain doesn't answer at http/);
  mode("answer");
  assert.equal((await health.until("servers", "healthy")).status, "healthy");
});

test("a server that is silent may compile: it is watched, then a warning, and well when it answers", async (t) => {
  const { health, mode } = await start(t);
  mode("silent");
  const first = (await health.check()).components.servers;
  assert.deepEqual([first.status, first.findings], ["healthy", []]);
  assert.match(first.summary, /web of plain has given no answer for 2 s at .* \(just now; being watched\)$/);
  const { servers } = (await health.until("servers", "warning")).components;
  assert.match(servers.summary, /^web of plain has given no answer for 2 s at .*; it may be busy$/);
  mode("answer");
  assert.equal((await health.check()).components.servers.status, "healthy");
});

test("a server that couldn't be started is a warning until it is", async (t) => {
  const { cwd, health, run } = await start(t);
  await run(["stop", "web"]);
  await writeFile(join(cwd, "server.js"), "process.exit(7)");
  await assert.rejects(run(["start", "web"]));
  const { servers } = (await health.check()).components;
  assert.equal(servers.status, "warning");
  assert.match(servers.summary, /^web of plain has failed: .*exited with code 7/);
  await writeFile(join(cwd, "server.js"), moody);
  await run(["start", "web"]);
  assert.equal((await health.check()).components.servers.status, "healthy");
});
