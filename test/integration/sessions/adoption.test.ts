import assert from "node:assert/strict";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, type TestContext, test } from "node:test";
import { createWorkspace } from "../../../daemon/detect/create-workspace.ts";
import { startProgram } from "../../support/child.ts";
import { userEnv } from "../../support/env.ts";
import { freePort } from "../../support/ports.ts";
import { endProcesses, processesWith, seeProcess } from "../../support/processes.ts";
import { type ProjectName, prepareCase } from "../../support/projects.ts";
import { waitFor } from "../../support/wait.ts";
import { projectVariable, type TestApp } from "./apps.ts";
import { assertGone, processes, refused, SessionWorld } from "./world.ts";

const world = await SessionWorld.open({ after });
const daemon = await world.daemon();
const never = new AbortController().signal;

/** The app's server, started by hand. @returns its pid, once it listens */
async function byHand(t: TestContext, { cwd, target, port }: TestApp, at = cwd): Promise<number> {
  const [file = "", ...args] = target.plan.command;
  const running = await startProgram(file, args, { cwd: at, env: userEnv({ PORT: String(port) }) });
  t.after(() => void running.process.kill("SIGKILL"));
  await running.printed(/Listening/);
  return running.pid;
}

test("a server of this project that was started by hand is seen, and nothing is started beside it", async (t) => {
  const app = await world.app(t);
  const pid = await byHand(t, app);
  await daemon.sessions.recognise(app.target, never);
  const { hosting, state } = daemon.record(app) ?? {};
  assert.ok(state?.kind === "ready");
  assert.deepEqual(
    [hosting?.kind, state.pid, state.port, state.url],
    ["adopted", pid, app.port, `http://localhost:${app.port}`],
  );
  assert.deepEqual([(await daemon.start(app)).outcome, app.spawned()], ["reused", [pid]]);
});

test("a start adopts it, also where it was asked for other settings: being of this project is what counts", async (t) => {
  const app = await world.app(t);
  const pid = await byHand(t, app);
  const adopted = await daemon.start(app);
  assert.deepEqual([adopted.outcome, adopted.pid, adopted.state], ["adopted", pid, "ready"]);
  const again = await daemon.start(app.planned({ env: { OTHER: "settings" } }));
  assert.deepEqual([again.outcome, again.pid, app.spawned()], ["reused", pid, [pid]]);
});

test("a server in another directory, or of another command, isn't of this project", async (t) => {
  const [app, other] = [await world.app(t), await world.app(t)];
  await byHand(t, app, other.cwd);
  await daemon.sessions.recognise(app.target, never);
  assert.equal(daemon.record(app), undefined);
  await refused(daemon.start(app), "PORT_CONFLICT");
  const third = await world.app(t);
  await byHand(t, third);
  await refused(daemon.start(third.planned({ command: ["node", "other.mjs"] })), "PORT_CONFLICT");
});

test("a server of one of our sessions in the same directory is never adopted by another app", async (t) => {
  const app = await world.app(t);
  await daemon.start(app);
  const api = app.planned({ app: "api" });
  await daemon.sessions.recognise(api.target, never);
  assert.equal(daemon.record(api), undefined);
  const { remedy } = await refused(daemon.start(api), "PORT_CONFLICT");
  assert.match(remedy, /It is a server of Devlatch, which others may use; .*: devlatch stop web --cwd /);
  assert.doesNotMatch(remedy, /--free/);
});

test("to stop it takes consent: without, it is named and lives; with it, it is gone", async (t) => {
  const app = await world.app(t);
  const pid = await byHand(t, app);
  await daemon.start(app);
  const { message, data } = await refused(daemon.stop(app), "CONSENT_REQUIRED");
  assert.match(message, new RegExp(`started by hand, not by Devlatch: .*dev-server\\.mjs.*pid ${pid}`));
  assert.partialDeepStrictEqual(data, { process: { pid } });
  assert.deepEqual([await app.answer(), daemon.record(app)?.state.kind], ["ours", "ready"]);
  assert.equal((await daemon.stop(app, { yes: true })).outcome, "stopped");
  assert.equal(seeProcess(pid), undefined);
  await assertGone(app);
  assert.equal(daemon.record(app)?.state.kind, "stopped");
});

test("when it ends by itself its session is stopped, and the next start is a launch", async (t) => {
  const app = await world.app(t);
  await byHand(t, app);
  await daemon.start(app);
  await app.answer("/end?code=0");
  await daemon.until(app, "stopped");
  assert.equal((await daemon.start(app)).outcome, "started");
});

test("a framework's own lock leads to a server that listens elsewhere than wished", async (t) => {
  const app = await world.app(t, { framework: "next" });
  const command = [...app.target.plan.command, "--other"];
  const elsewhere = app.planned({ command, port: await freePort() });
  const pid = await byHand(t, elsewhere);
  await daemon.sessions.recognise(app.target, never);
  assert.equal(daemon.record(app), undefined, "by its command alone it is another server");
  app.write(".next/dev/lock", JSON.stringify({ pid, port: elsewhere.port }));
  const adopted = await daemon.start(app);
  assert.deepEqual([adopted.outcome, adopted.port], ["adopted", elsewhere.port]);
});

test("a lock that names another process than the one that listens leads nowhere", async (t) => {
  const app = await world.app(t, { framework: "next" });
  const command = [...app.target.plan.command, "--other"];
  const elsewhere = app.planned({ command, port: await freePort() });
  await byHand(t, elsewhere);
  app.write(".next/dev/lock", JSON.stringify({ pid: process.pid, port: elsewhere.port }));
  assert.equal((await daemon.start(app)).outcome, "started");
});

/** The app of a case, whose port is a free one instead of the one in its file. */
async function caseApp(
  t: TestContext,
  name: string,
  { file, port: written, modules }: { file: string; port: number; modules?: ProjectName },
): Promise<{ app: TestApp; port: number }> {
  const cwd = await prepareCase(name, t, modules);
  const port = await freePort();
  const text = readFileSync(join(cwd, file), "utf8");
  writeFileSync(join(cwd, file), text.replace(String(written), String(port)));
  return { app: await world.app(t, await createWorkspace().plan({ cwd, app: "web" })), port };
}

const plainCase = (t: TestContext) => caseApp(t, "12-adopt-plain", { file: "package.json", port: 42712 });

/** A line in a shell of its own, as in a terminal. @returns the shell's pid, once its server listens */
async function shell(t: TestContext, line: string, cwd: string, port: number): Promise<number> {
  const env = userEnv({ [projectVariable]: cwd });
  const running = await startProgram("sh", ["-c", `${line} & wait`], { cwd, env });
  t.after(() => endProcesses(() => processesWith(projectVariable, cwd), 0));
  await waitFor(`port ${port} of ${line}`, async () => (await processes.listeners(port)).length > 0);
  return running.pid;
}

test("a plain server under the same script is adopted, wherever it listens, and keeps its own after it", async (t) => {
  for (const lineOf of [() => "npm run dev", (port: number) => `node server.js --port ${port}`]) {
    const { app, port } = await plainCase(t);
    const line = lineOf(port);
    await shell(t, line, app.cwd, port);
    const adopted = await daemon.start(app.planned({ port: await freePort() }));
    assert.deepEqual([adopted.outcome, adopted.port], ["adopted", port], line);
    await daemon.stop(app, { yes: true });
  }
});

test("what would start a server that was started by hand again is named with it, and ends with it", async (t) => {
  const { app, port } = await plainCase(t);
  await shell(t, `node --watch server.js --port ${port}`, app.cwd, port);
  assert.equal((await daemon.start(app)).outcome, "adopted");
  const { data, message } = await refused(daemon.stop(app), "CONSENT_REQUIRED");
  const { watchers } = data as {
    readonly watchers: readonly [{ readonly pid: number; readonly startTime: string }];
  };
  assert.match(
    message,
    new RegExp(`\`[^\`]*node --watch server.js --port ${port}\`, pid ${watchers[0].pid} would start again`),
  );
  assert.ok(await processes.isAlive(watchers[0]), "it lives until that is agreed to");
  await daemon.stop(app, { yes: true });
  assert.equal(await processes.isAlive(watchers[0]), false);
  assert.deepEqual(await processes.listeners(port), []);
});

test("a server that a command has another program start, which runs already, is taken where the command ends well", async (t) => {
  const { app, port } = await plainCase(t);
  app.write("pm2", "#!/bin/sh\ntouch asked\n");
  chmodSync(join(app.cwd, "pm2"), 0o755);
  const command = [join(app.cwd, "pm2"), "start", "server.js", "--", "--port", String(port)];
  const starting = daemon.start(app.planned({ command }));
  await waitFor("the command", () => app.read("asked") !== undefined);
  await shell(t, `node server.js --port ${port}`, app.cwd, port);
  const started = await starting;
  assert.deepEqual([started.outcome, started.port], ["adopted", port]);
  await daemon.stop(app, { yes: true });
});

test("what another script of the same package runs, an inspector or a production server isn't it", async (t) => {
  const { app, port } = await plainCase(t);
  const [other, api, inspector] = [await freePort(), await freePort(), await freePort()];
  await shell(t, `node server.js --port ${other}`, app.cwd, other);
  const dev = `node --inspect=${inspector} server.js --port ${port}`;
  const scripts = { dev, api: `node server.js --port ${api}` };
  app.write("package.json", JSON.stringify({ name: "plain", scripts }));
  await shell(t, "npm run api", app.cwd, api);
  await daemon.sessions.recognise(app.target, never);
  assert.equal(daemon.record(app), undefined);
  app.write("idle.js", "setInterval(() => {}, 60_000);");
  app.write(
    "package.json",
    JSON.stringify({ name: "plain", scripts: { dev: dev.replace("server.js", "idle.js") } }),
  );
  await shell(t, "npm run dev", app.cwd, inspector);
  await daemon.sessions.recognise(app.target, never);
  assert.equal(daemon.record(app), undefined, "only its debugger listens");
});

test("a framework's server is adopted on the port that its configuration says", async (t) => {
  const written = { file: "vite.config.js", port: 42300, modules: "vite" } as const;
  const { app, port } = await caseApp(t, "10-config-port", written);
  const preview = await freePort();
  await shell(t, `npx vite preview --port ${preview}`, app.cwd, preview);
  await shell(t, "npm run dev", app.cwd, port);
  const adopted = await daemon.start(app);
  assert.deepEqual(
    [adopted.outcome, adopted.port, daemon.record(app)?.hosting?.kind],
    ["adopted", port, "adopted"],
  );
});

test("one that is suspended is said to be so at once; once it goes on, it is adopted", async (t) => {
  const { app, port } = await plainCase(t);
  await shell(t, "npm run dev", app.cwd, port);
  const [listener] = await processes.listeners(port);
  const pid = listener?.pid ?? assert.fail("it listens");
  process.kill(pid, "SIGSTOP");
  const { message, remedy } = await refused(daemon.start(app), "PORT_CONFLICT");
  assert.match(
    message,
    new RegExp(`web was started by hand and is suspended \\(Ctrl-Z\\): .*pid ${pid}.*port ${port}`),
  );
  assert.match(remedy, new RegExp(`fg in its terminal, or from anywhere: kill -CONT ${pid}`));
  assert.equal(daemon.record(app), undefined, "nothing was started beside it");
  process.kill(pid, "SIGCONT");
  assert.equal((await daemon.start(app)).outcome, "adopted");
  process.kill(pid, "SIGSTOP");
  const again = await refused(daemon.start(app), "PORT_CONFLICT");
  assert.match(again.message, /is suspended \(Ctrl-Z\)/, "suspended since, it isn't reused");
  process.kill(pid, "SIGCONT");
  assert.equal((await daemon.start(app)).outcome, "reused");
});

test("nothing is recognised while the session is being started", async (t) => {
  const app = await world.app(t, { env: { GATE: "never" } });
  const starting = refused(daemon.start(app), "CANCELLED");
  await app.launched();
  await byHand(t, app);
  await daemon.sessions.recognise(app.target, never);
  assert.equal(daemon.record(app)?.hosting?.kind, "hosted");
  await daemon.stop(app);
  await starting;
});
