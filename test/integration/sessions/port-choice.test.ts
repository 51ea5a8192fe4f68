import assert from "node:assert/strict";
import { after, type TestContext, test } from "node:test";
import type { AppPlan } from "../../../shared/model/app.ts";
import * as ports from "../../support/ports.ts";
import type { TestApp } from "./apps.ts";
import { assertGone, refused, SessionWorld } from "./world.ts";

const world = await SessionWorld.open({ after });
const daemon = await world.daemon();

/** Listens on `PORT`, else on its own port, and says which variables it got. Says so where that is taken, and ends. */
const server = (own: number) => `
  import { createServer } from "node:http";
  import { appendFileSync } from "node:fs";
  appendFileSync("ports", (process.env.PORT ?? "none") + "\\n");
  const port = Number(process.env.PORT ?? ${own});
  createServer((_, response) => response.setHeader("connection", "close").end("ours")).listen(port, "127.0.0.1", () => console.log("http://localhost:" + port));
`;
/** As a watcher: its server failed, and it waits for a change. */
const watching = (own: number) =>
  `process.on("uncaughtException", (error) => { console.log(error.stack); setInterval(() => {}, 60_000); });${server(own)}`;

/** An app whose server listens on its own port where it isn't told another; detection only guesses at one. */
async function guessing(
  t: TestContext,
  script: (own: number) => string = server,
  more: Partial<AppPlan> = {},
): Promise<TestApp> {
  const app = await world.app(t, {
    command: [process.execPath, "server.mjs"],
    portOrigin: "guessed",
    ...more,
  });
  app.write("server.mjs", script(app.port));
  return app;
}

const told = (app: TestApp) => (app.read("ports") ?? "").split("\n").filter(Boolean);

test("a guess is told to no server: it listens where it does by hand", async (t) => {
  const app = await guessing(t);
  const guess = await ports.freePort();
  const { port, notice } = await daemon.start(app.planned({ port: guess }));
  assert.deepEqual([port, notice, told(app)], [app.port, undefined, ["none"]]);
  assert.equal((await daemon.start(app.planned({ port: guess + 1 }))).outcome, "reused");
});

test("a guess that another holds is no conflict", async (t) => {
  const app = await guessing(t);
  const guess = await ports.freePort();
  const { release } = await ports.occupyPort(guess);
  t.after(release);
  assert.equal((await daemon.start(app.planned({ port: guess }))).port, app.port);
});

test("a port that is seen isn't told either, but is a conflict, with the file that says it", async (t) => {
  const app = (await guessing(t)).planned({ portOrigin: "seen", portSource: ".env" });
  const { release } = await ports.occupyPort(app.port);
  const { message } = await refused(daemon.start(app), "PORT_CONFLICT");
  assert.match(message, /wants \(it is in \.env\), is used by/);
  await release();
  assert.deepEqual([(await daemon.start(app)).port, told(app)], [app.port, ["none"]]);
});

test("the caller's PORT is asked for, but says nothing against what runs", async (t) => {
  const app = await guessing(t);
  const callerEnvironment = { PATH: process.env["PATH"] ?? "", TEST_PROJECT: app.cwd };
  const other = await ports.freePort();
  const first = await daemon.start(app, { callerEnvironment: { ...callerEnvironment, PORT: `${other}` } });
  assert.deepEqual([first.port, told(app)], [other, [`${other}`]]);
  const second = await daemon.start(app, { callerEnvironment: { ...callerEnvironment, PORT: "1" } });
  assert.deepEqual([second.outcome, second.port], ["reused", other]);
});

test("PORT that a server of Devlatch's handed on was meant for that one", async (t) => {
  const app = await guessing(t);
  const callerEnvironment = { PATH: process.env["PATH"] ?? "", TEST_PROJECT: app.cwd, DEVLATCH_LAUNCH: "x" };
  const { port } = await daemon.start(app, {
    callerEnvironment: { ...callerEnvironment, PORT: `${await ports.freePort()}` },
  });
  assert.equal(port, app.port);
});

test("a server that takes its own port whatever it is told, and can't have that: no other is offered once more", async (t) => {
  const deaf = (own: number) => server(own).replace("Number(process.env.PORT ?? ", "Number(");
  const app = await guessing(t, deaf, { portOrigin: "asked" });
  const { release } = await ports.occupyPort(app.port);
  t.after(release);
  const asked = await ports.freePort();
  const { message, remedy } = await refused(daemon.start(app.planned({ port: asked })), "PORT_CONFLICT");
  assert.match(
    message,
    new RegExp(`It was told to listen on port ${asked}: what wants port ${app.port} doesn't`),
  );
  assert.doesNotMatch(remedy ?? "", /--on-conflict|--port N/);
  await assertGone(app, asked);
});

for (const [what, script] of [
  ["ends", server],
  ["waits for a change", watching],
] as const) {
  test(`a server that says its address is in use and ${what}: a conflict with who holds that port`, async (t) => {
    const app = await guessing(t, script);
    const guess = await ports.freePort();
    const { release } = await ports.occupyPort(app.port);
    t.after(release);
    const { message, data } = await refused(daemon.start(app.planned({ port: guess })), "PORT_CONFLICT");
    assert.match(
      message,
      new RegExp(`could not listen on port ${app.port}, which is used by .*pid ${process.pid}`),
    );
    assert.partialDeepStrictEqual(data, { port: app.port, listeners: [{ pid: process.pid }] });
    assert.equal(daemon.record(app)?.state.kind, "failed");
    await assertGone(app, guess);
  });

  test(`and where the next port is wished for it is launched again with one (it ${what})`, async (t) => {
    const app = await guessing(t, script);
    const { release } = await ports.occupyPort(app.port);
    t.after(release);
    const { port, notice } = await daemon.start(app.planned({ port: await ports.freePort() }), {
      onConflict: "next",
    });
    assert.ok(port !== null && port > app.port);
    assert.deepEqual(told(app), ["none", `${port}`]);
    assert.equal(notice, `Port ${app.port} is taken; web was given port ${port}.`);
  });
}

test("a server that would ask a person is given a port where its guess is taken", async (t) => {
  const app = await guessing(t, server, { givesPort: true });
  const { release } = await ports.occupyPort(app.port);
  t.after(release);
  const { port, notice } = await daemon.start(app);
  assert.ok(port !== null && port > app.port);
  assert.match(notice ?? "", new RegExp(`given port ${port}`));
});

test("{port} stands for the port in a command", async (t) => {
  const app = await world.app(t, {
    command: [process.execPath, "-e", "require('http').createServer((q, r) => r.end('ours')).listen({port})"],
  });
  assert.equal((await daemon.start(app)).port, app.port);
});

test("a port that the server can't be given is refused before anything runs, with what holds its own", async (t) => {
  const app = (await guessing(t)).planned({ portFixed: "its script sets it" });
  const { release } = await ports.occupyPort(app.port);
  t.after(release);
  const { release: _, ...asked } = { ...app.target, release: undefined };
  const wishing = app.planned({ port: app.port + 1, ownPort: app.port, portOrigin: "asked" });
  Object.assign(wishing.target, { asked: { ...asked.asked, port: app.port + 1 } });
  const { message } = await refused(daemon.start(wishing), "PORT_FIXED");
  assert.match(
    message,
    new RegExp(`because its script sets it\\. Its own port, ${app.port}, is used by .*pid ${process.pid}`),
  );
  const seen = app.planned({ portOrigin: "seen" });
  const conflict = await refused(daemon.start(seen, { onConflict: "next" }), "PORT_CONFLICT");
  assert.match(conflict.message, /can't be given another port, because its script sets it/);
  assert.deepEqual(told(app), []);
});

test("a server that listens elsewhere than it was told is ready, and that is said", async (t) => {
  const own = await ports.freePort();
  const app = await world.app(t, { command: [process.execPath, "server.mjs"] });
  app.write("server.mjs", server(own).replaceAll("process.env.PORT ??", "undefined ??"));
  const { port, notice } = await daemon.start(app);
  assert.equal(port, own);
  assert.match(notice ?? "", new RegExp(`told to listen on port ${app.port}, and listens on ${own}`));
});

test("two launches that begin in the same moment aren't given one port", async (t) => {
  const one = await guessing(t, server, { portOrigin: "asked" });
  const two = (await guessing(t, server)).planned({ port: one.port, portOrigin: "asked" });
  const results = await Promise.all([one, two].map((app) => daemon.start(app, { onConflict: "next" })));
  assert.equal(new Set(results.map(({ port }) => port)).size, 2);
  assert.ok(results.some(({ port }) => port === one.port));
  assert.deepEqual([told(one).length, told(two).length], [1, 1], "none had to be launched again");
});
