import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, test } from "node:test";
import { freePort } from "../../support/ports.ts";
import { waitFor } from "../../support/wait.ts";
import { assertGone, patience, refused, SessionWorld } from "./world.ts";

const world = await SessionWorld.open({ after });
const daemon = await world.daemon();

const node = (script: string) => [process.execPath, "-e", script];
/** Serves `says` on a port, once nothing else is to be done. */
const serve = (port: string, says: string) =>
  `require("node:http").createServer((q, s) => s.end("${says}")).listen(${port}, "127.0.0.1");`;
/** Does something once there is the file `go`. */
const whenTold = (what: string) =>
  `const wait = setInterval(() => { if (require("node:fs").existsSync("go")) { clearInterval(wait); ${what} } }, 10);`;

test("a server that listens elsewhere first is ready on the wished port once it listens there", async (t) => {
  const [app, other] = [await world.app(t), await freePort()];
  const command = node(serve(String(other), "inspector") + whenTold(serve("process.env.PORT", "ours")));
  const starting = daemon.start(app.planned({ command }));
  await waitFor("the other port", async () => (await app.answer("/", other)) === "inspector");
  app.put("go");
  assert.equal((await starting).port, app.port);
});

test("a server that listens on two other ports is ready on the one whose URL it printed", async (t) => {
  const app = await world.app(t);
  const [low, high] = [await freePort(), await freePort()].sort((a, b) => a - b);
  const print = `console.log("Local: http://localhost:${high}/");`;
  const started = await daemon.start(
    app.planned({ command: node(serve(`${low}`, "hmr") + serve(`${high}`, "ours") + print) }),
  );
  assert.deepEqual([started.port, started.url], [high, `http://localhost:${high}`]);
});

test("a server that says nothing of its other ports is ready on the lowest, after it had time for the wished one", async (t) => {
  const app = await world.app(t);
  const [low, high] = [await freePort(), await freePort()].sort((a, b) => a - b);
  const command = node(serve(`${high}`, "hmr") + serve(`${low}`, "ours"));
  assert.equal((await daemon.start(app.planned({ command }))).port, low);
});

test("a stranger that answers on the wished port is never taken for the server, which is ready where it went", async (t) => {
  const [app, other] = [await world.app(t), await freePort()];
  const yielding = `const server = require("node:http").createServer((q, s) => s.end("ours"));
    server.on("error", () => server.listen(${other}, "127.0.0.1"));
    server.on("listening", () => console.log("http://localhost:" + server.address().port));
    ${whenTold(`server.listen(process.env.PORT, "127.0.0.1");`)}
    require("node:fs").writeFileSync("spawned", process.pid + "\\n");`;
  const starting = daemon.start(app.planned({ command: node(yielding) }));
  await app.launched();
  const stranger = createServer((_request, response) => response.end("stranger"));
  stranger.listen(app.port, "127.0.0.1");
  t.after(() => stranger.close());
  await waitFor("the stranger", async () => (await app.answer()) === "stranger");
  app.put("go");
  assert.equal((await starting).port, other);
  assert.equal(await app.answer("/", other), "ours");
});

test("the listener may be a child of what was launched, also one that left its group", async (t) => {
  const app = await world.app(t);
  const child = JSON.stringify(serve("process.env.PORT", "ours"));
  const command = node(
    `require("node:child_process").spawn(process.execPath, ["-e", ${child}], { detached: true, stdio: "inherit" });`,
  );
  const { pid } = await daemon.start(app.planned({ command }));
  const [parent, ...children] = app.living().sort((a, b) => a.pid - b.pid);
  assert.deepEqual(
    children.map((one) => [one.pid, one.ppid]),
    [[pid, parent?.pid]],
  );
  await daemon.stop(app);
  await assertGone(app);
});

test("ready.http: only an answer at that path counts", async (t) => {
  const app = await world.app(t, { ready: { http: "/health" } });
  const hangs = `const fs = require("node:fs"); require("node:http").createServer((q, s) => {
    fs.appendFileSync("asked", q.url + "\\n");
    if (q.url === "/health" && fs.existsSync("go")) s.end("well"); else q.socket.destroy();
  }).listen(process.env.PORT, "127.0.0.1");`;
  const starting = daemon.start(app.planned({ command: node(hangs) }));
  await waitFor("the first question", () => app.read("asked"));
  assert.equal(daemon.record(app)?.state.kind, "starting");
  app.put("go");
  await starting;
  assert.deepEqual([...new Set(app.read("asked")?.trim().split("\n"))], ["/health"]);
});

test("ready.tcp: a connection that is accepted is enough, and an HTTP answer isn't asked for", async (t) => {
  const app = await world.app(t, { ready: { tcp: true } });
  const command = node('require("node:net").createServer(() => {}).listen(process.env.PORT, "127.0.0.1");');
  assert.equal((await daemon.start(app.planned({ command }))).port, app.port);
});

test("ready.pattern: it isn't ready before its output says so", async (t) => {
  const app = await world.app(t, { ready: { pattern: "compiled in \\d+ ms" } });
  const compiling = 'setTimeout(() => console.log("compiled in 500 ms"), 500);';
  await daemon.start(app.planned({ command: node(serve("process.env.PORT", "ours") + compiling) }));
  assert.deepEqual(daemon.tail(app), ["compiled in 500 ms"]);
});

test("ready.pattern: at the deadline a start says which words are still to come", async (t) => {
  const app = await world.app(t, { ready: { pattern: "compiled in \\d+ ms" } });
  const { signal, end } = patience();
  const starting = refused(
    daemon.start(app.planned({ command: node(serve("process.env.PORT", "ours")) }), { signal }),
    "DEADLINE",
  );
  await waitFor("its answer", async () => (await app.answer()) === "ours");
  end();
  assert.match((await starting).message, /its output doesn't say yet what "ready" waits for: compiled in/);
});

test("an answer of 500 is an answer: the server is ready", async (t) => {
  const app = await world.app(t);
  const command = node(
    'require("node:http").createServer((q, s) => s.writeHead(500).end()).listen(process.env.PORT, "127.0.0.1");',
  );
  assert.equal((await daemon.start(app.planned({ command }))).state, "ready");
});

test("ready.http: an answer that says that all isn't well is none, unless its status is the one that was named", async (t) => {
  const unwell = (
    code: number,
  ) => `const fs = require("node:fs"); require("node:http").createServer((q, s) => {
    fs.appendFileSync("asked", ".");
    s.writeHead(fs.existsSync("go") ? 204 : ${code}).end();
  }).listen(process.env.PORT, "127.0.0.1");`;
  const app = await world.app(t, { ready: { http: "/health" } });
  const starting = daemon.start(app.planned({ command: node(unwell(503)) }));
  await waitFor("a second question", () => (app.read("asked")?.length ?? 0) > 1);
  assert.equal(daemon.record(app)?.state.kind, "starting");
  app.put("go");
  assert.equal((await starting).state, "ready");

  const named = await world.app(t, { ready: { http: "/health", status: 401 } });
  assert.equal((await daemon.start(named.planned({ command: node(unwell(401)) }))).state, "ready");
});

test("a server that speaks no HTTP/1 is said to be one, with the setting for that", async (t) => {
  const app = await world.app(t);
  const command = node(
    'require("node:net").createServer((s) => s.on("error", () => {}).end("SSH-2.0-x\\r\\n")).listen(process.env.PORT, "127.0.0.1");',
  );
  await assert.rejects(daemon.start(app.planned({ command }), { timeoutMs: 15_000 }), (error) => {
    assert.match(
      String(error),
      /doesn't speak HTTP\/1 \(if that is right, say so: "ready": \{"tcp": true\}\)/,
    );
    return true;
  });
});

test("the port that was taken in place of another's is the one waited for, whatever listens before", async (t) => {
  const [app, metrics] = [await world.app(t), await freePort()];
  const stranger = createServer((_request, response) => response.end("stranger"));
  stranger.listen(app.port, "127.0.0.1");
  t.after(() => stranger.close());
  await waitFor("the stranger", async () => (await app.answer()) === "stranger");
  const print = `console.log("http://localhost:${metrics}/metrics");`;
  const command = node(serve(`${metrics}`, "metrics") + print + whenTold(serve("process.env.PORT", "ours")));
  const starting = daemon.start(app.planned({ command }), { onConflict: "next" });
  await waitFor("the metrics", async () => (await app.answer("/", metrics)) === "metrics");
  app.put("go");
  const { port } = await starting;
  assert.ok(port !== app.port && port !== metrics, `${port}`);
  assert.equal(await app.answer("/", port ?? 0), "ours");
});

test("of two parts of a server the one that is called like the app is it, also where the other is quicker", async (t) => {
  const app = await world.app(t, { portOrigin: "guessed" });
  const [api, web] = [await freePort(), await freePort()];
  const print = (name: string, port: number) =>
    `console.log("[${name}] ${name} on http://localhost:${port}");`;
  const command = node(
    serve(`${api}`, "api") + print("api", api) + whenTold(serve(`${web}`, "ours") + print("web", web)),
  );
  const starting = daemon.start(app.planned({ command }));
  await waitFor("the API", async () => (await app.answer("/", api)) === "api");
  app.put("go");
  assert.equal((await starting).port, web);
});
