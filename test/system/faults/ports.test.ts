import assert from "node:assert/strict";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { PortResult, StopResult } from "../../../shared/protocol/methods.ts";
import { leftToCampaign } from "../../support/campaign.ts";
import { startProgram } from "../../support/child.ts";
import { repository } from "../../support/paths.ts";
import { freePort, isPortFree } from "../../support/ports.ts";
import { waitFor } from "../../support/wait.ts";
import type { Answer } from "../answer.ts";
import { inWorld } from "./world.ts";

/** This very process listens there, as a stranger to the daemon. */
async function listenAt(t: TestContext, port: number, host: string): Promise<void> {
  const server = createServer((socket) => socket.end("stranger"));
  server.listen({ port, host, ...(host === "::1" ? { ipv6Only: true } : {}) });
  await once(server, "listening");
  t.after(() => server.close());
}

/** Waits for a file before it listens; ends where that fails. */
const waitingServer = `
import { existsSync } from "node:fs";
import { createServer } from "node:http";
console.log("waiting");
const wait = setInterval(() => {
  if (!existsSync("listen")) return;
  clearInterval(wait);
  createServer((request, response) => response.end("ours")).listen(Number(process.env.PORT), "127.0.0.1");
}, 20);
`;

/** As Vite: takes the next port where its own is taken. */
const yieldingServer = waitingServer.replace(
  `createServer((request, response) => response.end("ours")).listen(Number(process.env.PORT), "127.0.0.1");`,
  `const server = createServer((request, response) => response.end("ours"));
  let port = Number(process.env.PORT);
  server.on("error", () => server.listen(++port, "127.0.0.1"));
  server.on("listening", () => console.log("Local: http://localhost:" + port + "/"));
  server.listen(port, "127.0.0.1");`,
);

const python = (t: TestContext, port: number) =>
  startProgram("python3", [join(repository, "test/fixtures/processes/reuseport.py"), String(port)]).then(
    (program) => {
      t.after(() => program.process.kill("SIGKILL"));
      return program.printed(/\d+/).then(() => program);
    },
  );

test(
  "a plain start and stop: the audit sees both, and a stop signals",
  inWorld({}, async (world) => {
    const started = await world.ok<Answer>(["start", "web"]);
    assert.deepEqual([started.outcome, started.port, await world.answer()], ["started", world.port, "ours"]);
    assert.ok(world.host());
    assert.equal(world.signals(), 0);
    const stopped = await world.ok<StopResult>(["stop", "web"]);
    assert.deepEqual([stopped.outcome, world.launches()], ["stopped", 0]);
    assert.ok(world.signals() > 0);
  }),
);

test(
  "the port is taken between Devlatch's look and the server's bind: the server's words tell the conflict, the stranger stays",
  inWorld({ server: waitingServer }, async (world, t) => {
    const start = world.refused(["start", "web"]);
    await waitFor("the launch", () => world.launches() === 1);
    await listenAt(t, world.port, "127.0.0.1");
    await writeFile(join(world.cwd, "listen"), "");
    const error = await start;
    assert.equal(error.code, "PORT_CONFLICT");
    assert.equal(world.launches(), 0);
    const { listeners } = await world.ok<PortResult>(["port", String(world.port)]);
    assert.deepEqual(
      listeners.map(({ pid }) => pid),
      [process.pid],
    );
  }),
);

test(
  "the same with a server that takes the next port: it is ready there, and the stranger is never taken for it",
  { skip: leftToCampaign },
  inWorld({ server: yieldingServer }, async (world, t) => {
    const start = world.ok<Answer>(["start", "web"]);
    await waitFor("the launch", () => world.launches() === 1);
    await listenAt(t, world.port, "127.0.0.1");
    await writeFile(join(world.cwd, "listen"), "");
    const { port, url } = await start;
    assert.ok(port > world.port);
    assert.equal(await (await fetch(url)).text(), "ours");
    await world.ok(["stop", "web"]);
    assert.ok(await isPortFree(port));
  }),
);

test(
  "a stranger on ::1 keeps the port from being used, and is named",
  inWorld({}, async (world, t) => {
    await listenAt(t, world.port, "::1");
    const error = await world.refused(["start", "web"]);
    assert.deepEqual([error.code, error.exit], ["PORT_CONFLICT", 3]);
    assert.match(error.message, new RegExp(`pid ${process.pid}`));
    assert.equal(world.launches(), 0);
  }),
);

test(
  "a stranger that comes to ::1 later doesn't shake a ready server; the stop ends ours and says who has the port",
  inWorld({}, async (world, t) => {
    const { pid } = await world.ok<Answer>(["start", "web"]);
    await listenAt(t, world.port, "::1");
    assert.deepEqual(await world.ok<Answer>(["start", "web"]).then(({ outcome, pid }) => [outcome, pid]), [
      "reused",
      pid,
    ]);
    const error = await world.refused(["stop", "web"]);
    assert.equal(error.code, "STOP_INCOMPLETE");
    assert.match(error.message, new RegExp(`is stopped with all its processes.*pid ${process.pid}`));
    assert.deepEqual([world.launches(), (await world.session())?.state.kind], [0, "stopped"]);
  }),
);

test(
  "a stranger that shares the port by SO_REUSEPORT is a conflict",
  inWorld({ app: { command: ["python3", "reuse.py"] } }, async (world, t) => {
    const stranger = await python(t, world.port);
    const error = await world.refused(["start", "web"]);
    assert.equal(error.code, "PORT_CONFLICT");
    assert.match(error.message, new RegExp(`pid ${stranger.pid}`));
  }),
);

/** Answers on a port that others may share. */
const sharingServer = `
import http.server, os, socket
class Server(http.server.HTTPServer):
    def server_bind(self):
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        super().server_bind()
Server(("127.0.0.1", int(os.environ["PORT"])), http.server.SimpleHTTPRequestHandler).serve_forever()
`;

test(
  "a stranger that joins the port by SO_REUSEPORT: only ours is stopped, and the stranger is named",
  inWorld({ app: { command: ["python3", "share.py"] } }, async (world, t) => {
    await writeFile(join(world.cwd, "share.py"), sharingServer);
    const { pid } = await world.ok<Answer>(["start", "web"]);
    const stranger = await python(t, world.port);
    const { listeners } = await world.ok<PortResult>(["port", String(world.port)]);
    assert.deepEqual(listeners.map((one) => one.pid).sort(), [pid, stranger.pid].sort());
    const error = await world.refused(["stop", "web"]);
    assert.equal(error.code, "STOP_INCOMPLETE");
    assert.match(error.message, new RegExp(`pid ${stranger.pid}`));
    assert.deepEqual([world.launches(), stranger.process.exitCode], [0, null]);
  }),
);

/** Moves to another port when asked to. */
const movingServer = `
import { createServer } from "node:http";
const listen = (port) => {
  const server = createServer((request, response) => {
    response.setHeader("connection", "close");
    response.end("ours");
    if (request.url === "/move") { server.close(); server.closeAllConnections(); listen(Number(process.env.OTHER)); }
  }).listen(port, "127.0.0.1");
};
listen(Number(process.env.PORT));
`;

test("a ready server that changes its port is shown with the real one", async (t) => {
  const other = await freePort();
  await inWorld({ server: movingServer, app: { env: { OTHER: String(other) } } }, async (world) => {
    const before = await world.ok<Answer>(["start", "web"]);
    await fetch(`${before.url}/move`).catch(() => {});
    const state = await waitFor("the new port", async () => {
      const found = (await world.session())?.state;
      return found?.kind === "ready" && found.port === other ? found : undefined;
    });
    assert.deepEqual([state.pid, state.url], [before.pid, `http://localhost:${other}`]);
    const again = await world.ok<Answer>(["start", "web"]);
    assert.deepEqual([again.outcome, again.port], ["reused", other]);
    await world.ok(["stop", "web"]);
    assert.ok(await isPortFree(other));
  })(t);
});
