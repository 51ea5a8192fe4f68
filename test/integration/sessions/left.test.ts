import assert from "node:assert/strict";
import { after, test } from "node:test";
import { connectHost } from "../../../daemon/hosts/client.ts";
import { DevlatchError } from "../../../shared/base/errors.ts";
import { waitFor } from "../../support/wait.ts";
import type { TestApp } from "./apps.ts";
import { assertGone, patience, refused, type SessionDaemon, SessionWorld } from "./world.ts";

const world = await SessionWorld.open({ after });
const daemon = await world.daemon();

const serve = `require("node:fs").appendFileSync("spawned", process.pid + "\\n");
require("node:http").createServer((q, s) => s.end("ours")).listen(process.env.PORT, "127.0.0.1");
`;
const watched = { command: [process.execPath, "--watch", "server.js"] };
/** Runs the server, says nothing, and runs it again when its file changes: as `tsx watch` and Nest's command line. */
const quietWatcher = `const { spawn } = require("node:child_process"), { readFileSync } = require("node:fs");
let [child, text] = [undefined, ""];
setInterval(() => {
  const now = readFileSync("server.js", "utf8");
  if (now === text) return;
  text = now;
  child?.kill();
  child = spawn(process.execPath, ["server.js"], { stdio: "inherit" });
}, 20);`;

const launchId = (app: TestApp, of: SessionDaemon = daemon) => {
  const hosting = of.record(app)?.hosting;
  return hosting?.kind === "hosted" ? hosting.launchId : assert.fail("it is hosted");
};

test("a server that crashes under its watcher has crashed, with the place; a start says so and ends nothing; mended it is ready", async (t) => {
  const app = await world.app(t, watched);
  app.write("server.js", serve);
  await daemon.start(app);
  const launch = launchId(app);
  app.write("server.js", `${serve}throw new Error("no database");`);
  const { error, place } = await daemon.until(app, "crashed");
  assert.deepEqual([error.code, place?.line], ["SERVER_CRASHED", 3]);
  assert.match(error.message, /^web crashed and waits for a change: server\.js:3:7: Error: no database$/);
  const refusal = await refused(daemon.start(app), "SERVER_CRASHED");
  assert.match(refusal.message, /server\.js:3:7: Error: no database/);
  assert.match(refusal.remedy, /ready again by itself.*devlatch stop web/);
  assert.deepEqual([daemon.record(app)?.state.kind, launchId(app)], ["crashed", launch]);
  app.write("server.js", serve);
  await daemon.until(app, "ready");
  assert.equal(launchId(app), launch, "the same host");
  assert.equal((await daemon.start(app)).outcome, "reused");
});

test("a server that never came up under its watcher is left to it, and ready once it is mended", async (t) => {
  const app = await world.app(t, watched);
  app.write("server.js", "const = 3;");
  const { message } = await refused(daemon.start(app), "SERVER_CRASHED");
  assert.match(message, /server\.js:1:\d+: SyntaxError/);
  app.write("server.js", serve);
  await daemon.until(app, "ready");
  assert.equal(await app.answer(), "ours");
});

test("a start that comes while the crash is being mended gets the server", async (t) => {
  const app = await world.app(t, watched);
  app.write("server.js", serve);
  await daemon.start(app);
  app.write("server.js", `${serve}throw new Error("no database");`);
  await daemon.until(app, "crashed");
  app.write("server.js", serve);
  assert.deepEqual((await daemon.start(app)).state, "ready");
});

test("a watcher that says nothing: its server has crashed once its process is gone and no other was begun", async (t) => {
  const app = await world.app(t, { command: [process.execPath, "-e", quietWatcher] });
  app.write("server.js", serve);
  const { pid } = await daemon.start(app);
  process.kill(pid ?? 0, "SIGKILL");
  await daemon.until(app, "crashed");
  app.write("server.js", `${serve}// mended`);
  assert.notEqual((await daemon.until(app, "ready")).pid, pid);
});

test("a server that lives and listens no more isn't ready any more, until it listens again", async (t) => {
  const moody = `const fs = require("node:fs");
    const server = require("node:http").createServer((q, s) => s.setHeader("connection", "close").end("ours"));
    const open = () => server.listen(process.env.PORT, "127.0.0.1");
    open();
    setInterval(() => { if (fs.existsSync("close") === server.listening) server.listening ? server.close() : open(); }, 20);`;
  const app = await world.app(t, { command: [process.execPath, "-e", moody] });
  await daemon.start(app);
  app.put("close");
  await daemon.until(app, "starting");
  app.remove("close");
  await daemon.until(app, "ready");
});

test("the next daemon goes on with a crashed server", async (t) => {
  const own = await SessionWorld.open(t);
  const one = await own.daemon();
  const app = await own.app(t, watched);
  app.write("server.js", serve);
  await one.start(app);
  app.write("server.js", "throw new Error('no')");
  await one.until(app, "crashed");
  await one.leave();
  const two = await own.daemon();
  assert.equal(two.record(app)?.state.kind, "crashed");
  app.write("server.js", serve);
  await two.until(app, "ready");
});

test("a crashed server is stopped like any other; whose watcher ends has ended", async (t) => {
  const [stopped, ended] = [await world.app(t, watched), await world.app(t, watched)];
  for (const app of [stopped, ended]) {
    app.write("server.js", "throw new Error('no')");
    await refused(daemon.start(app), "SERVER_CRASHED");
  }
  assert.equal((await daemon.stop(stopped)).outcome, "stopped");
  await assertGone(stopped);
  for (const { pid } of ended.living()) process.kill(pid, "SIGKILL");
  assert.equal((await daemon.until(ended, "failed")).error.code, "NOT_RUNNING");
});

test("a caller who leaves a start that it joined ends nothing that was there before", async (t) => {
  const app = await world.app(t, { env: { GATE: "go" } });
  const { signal, end } = patience();
  const first = refused(daemon.start(app, { signal }), "DEADLINE");
  await app.launched();
  end();
  await first;
  const cancel = new AbortController();
  const second = daemon.start(app, {
    signal: cancel.signal,
    progress: (phase) => phase === "spawned" && leave(),
  });
  const leave = () => cancel.abort(new DevlatchError("CANCELLED", "It was cancelled.", "Nothing to do."));
  await refused(second, "CANCELLED");
  app.put("go");
  await daemon.until(app, "ready");
  assert.equal(app.spawned().length, 1);
});

test("one whose time is over while others wait leaves them the server, and so does the last of them", async (t) => {
  const app = await world.app(t, { env: { GATE: "go" } });
  const [{ signal, end }, last] = [patience(), new AbortController()];
  const first = refused(daemon.start(app, { signal }), "DEADLINE");
  const second = daemon.start(app, { signal: last.signal });
  await app.launched();
  end();
  assert.match((await first).message, /goes on starting for others/);
  last.abort(new Error("the last left"));
  await refused(second, "DEADLINE");
  app.put("go");
  await daemon.until(app, "ready");
  assert.equal(app.spawned().length, 1);
});

test("a question on the terminal is told; answered there, the server is ready by itself", async (t) => {
  const asking = `const ask = require("node:readline").createInterface({ input: process.stdin, output: process.stdout });
    ask.question("? Share anonymous data? (y/N) ", () => { ask.close(); ${serve} });`;
  const app = await world.app(t, { command: [process.execPath, "-e", asking] });
  const { message, remedy } = await refused(daemon.start(app), "INPUT_NEEDED");
  assert.match(message, /asks on its terminal.*Share anonymous data\? \(y\/N\)$/);
  assert.match(remedy, /devlatch attach web/);
  const { asks } = await daemon.until(app, "starting");
  assert.equal(asks, "? Share anonymous data? (y/N)");
  const record = daemon.record(app) ?? assert.fail("there is a record");
  const host = await connectHost(daemon.sessions.directoryOf(record));
  t.after(() => host.dispose());
  await host.request("input", { data: "y\r" });
  await daemon.until(app, "ready");
});

test("a request that is slow to be answered is left to be, however often it is looked at", async (t) => {
  const slow = `const fs = require("node:fs"); require("node:http").createServer((q, s) => {
    fs.appendFileSync("asked", ".");
    const wait = setInterval(() => { if (fs.existsSync("go")) { clearInterval(wait); s.end("ours"); } }, 10);
  }).listen(process.env.PORT, "127.0.0.1");`;
  const app = await world.app(t, { command: [process.execPath, "-e", slow] });
  const starting = daemon.start(app);
  const asked = await waitFor("the question", () => app.read("asked"));
  app.put("go");
  assert.deepEqual([(await starting).state, asked], ["ready", "."]);
});
