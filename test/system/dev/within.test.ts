import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { freePort } from "../../support/ports.ts";
import { processesWith } from "../../support/processes.ts";
import { waitFor } from "../../support/wait.ts";
import { ctrlC } from "../desk.ts";
import { liveLaunches } from "../launches.ts";
import { listening, pidIn, Script, serverProgram } from "./script.ts";

const talkative = serverProgram("talkative.mjs");

test("started by name, the script becomes its command within its own session; running the script joins that", async (t) => {
  const script = await Script.open(t);
  const started = await script.run("start", "web", "--json");
  assert.equal(started.code, 0, started.stdout);
  assert.equal(liveLaunches(script.home).size, 1);
  // It may have answered before its line was read.
  const stdout = await waitFor("its first line", async () => {
    const read = await script.run("logs", "web");
    return listening.test(read.stdout) ? read.stdout : undefined;
  });
  assert.doesNotMatch(stdout, /devlatch:/);
  const web = await script.web();
  assert.equal(web?.command, "npm run dev");
  assert.equal(web?.state.kind === "ready" && web.state.pid, pidIn(stdout));
  const own = processesWith("DEVLATCH_SESSION", "dev_server_web").filter(({ command }) =>
    /devlatch\.js dev/.test(command),
  );
  assert.deepEqual(own, [], "nothing of Devlatch's own stands between npm and the server");

  const terminal = script.terminal();
  await terminal.shows("devlatch: joined web, which runs at");
  await terminal.shows(/Listening.*process \d+/);
  assert.equal(liveLaunches(script.home).size, 1);
  terminal.type(ctrlC);
  await terminal.ended();
});

test("the script of another app within a session is an ordinary one: two apps, each once", async (t) => {
  const script = await Script.open(t);
  const api = join(script.cwd, "api");
  mkdirSync(api);
  writeFileSync(
    join(api, "package.json"),
    JSON.stringify({ name: "api", scripts: { dev: `devlatch dev api -- ${talkative}` } }),
  );
  const port = await freePort();
  script.write("devlatch.json", {
    apps: { web: { port: script.port, command: ["npm", "run", "both"] }, api: { port, cwd: "api" } },
  });
  script.says({ both: `(cd api && npm run dev) & devlatch dev web -- ${talkative}` });
  const started = await script.run("start", "web");
  assert.equal(started.code, 0, started.stderr);
  const api2 = await script.run("start", "api", "--json");
  assert.equal((api2.json as { outcome: string }).outcome, "reused", api2.stdout);
  assert.equal(liveLaunches(script.home).size, 2);
  assert.equal((await script.run("stop", "web", "--yes")).code, 0);
  assert.equal(await script.isUp(), false);
});

test("a script that calls devlatch dev without a command starts itself: it is said what is missing", async (t) => {
  const script = await Script.open(t, "devlatch dev", { command: ["npm", "run", "dev"] });
  const { code, stdout, stderr } = await (await script.pipe()).finished();
  assert.equal(code, 2, stdout + stderr);
  assert.match(stdout + stderr, /Write the command behind --, in the script/);
  assert.equal(await script.isUp(), false);
});

test("without configuration such a script is no way to start the app", async (t) => {
  const script = await Script.open(t, "devlatch dev");
  const { code, stderr } = await (await script.pipe()).finished();
  assert.equal(code, 2, stderr);
  assert.match(stderr, /web/);
});
