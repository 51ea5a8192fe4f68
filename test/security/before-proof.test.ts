import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, Socket } from "node:net";
import { type TestContext, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import type { Handlers, Listeners } from "../../daemon/methods/handlers.ts";
import { isOwnPeer } from "../../daemon/processes/peer-user.ts";
import { Lobby, lobbyLimits } from "../../daemon/rpc/lobby.ts";
import { RpcServer } from "../../daemon/rpc/server.ts";
import { silentLog } from "../support/log.ts";
import { patienceMs } from "../support/wait.ts";

// In TCP mode, where any user of the machine can connect.

async function listening(context: TestContext): Promise<number> {
  const nothing = { handlers: {} as Handlers, listeners: {} as Listeners };
  const self = { pid: process.pid, startTime: "x" };
  const server = new RpcServer({
    self,
    token: "t".repeat(32),
    epoch: "e",
    log: silentLog,
    isOwnPeer,
    ...nothing,
  });
  context.after(() => server.dispose());
  const address = await server.listen(undefined);
  assert.ok("port" in address);
  return address.port;
}

async function connected(context: TestContext, port: number): Promise<Socket> {
  const socket = connect(port, "127.0.0.1").on("error", () => {});
  context.after(() => socket.destroy());
  await once(socket, "connect");
  return socket;
}

const upgrade = [
  "GET / HTTP/1.1",
  "Host: localhost",
  "Connection: Upgrade",
  "Upgrade: websocket",
  "Sec-WebSocket-Version: 13",
  "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
  "\r\n",
].join("\r\n");

async function untilClosed(socket: Socket): Promise<number> {
  const began = performance.now();
  socket.resume();
  if (!socket.closed) await once(socket, "close", { signal: AbortSignal.timeout(patienceMs) });
  return performance.now() - began;
}

test("a connection that says nothing, or half a request, is closed after ten seconds", async (context) => {
  const port = await listening(context);
  const silent = await connected(context, port);
  const half = await connected(context, port);
  half.write("GET / HTTP/1.1\r\nHost: ");
  const greeted = await connected(context, port);
  greeted.write(upgrade);
  const took = await Promise.all([silent, half, greeted].map(untilClosed));
  // From the moment it was accepted, which was before that of the first look.
  for (const ms of took) assert.ok(ms > lobbyLimits.handshakeMs / 2, `${Math.round(ms)} ms`);
});

test("more than 64 KB before the proof close the connection", async (context) => {
  const port = await listening(context);
  const socket = await connected(context, port);
  socket.write(upgrade);
  await once(socket, "data");
  // One text frame of 15 MB begins here and never ends.
  socket.write(Buffer.from([0x81, 0xff, 0, 0, 0, 0, 0, 0xe0, 0, 0, 1, 2, 3, 4]));
  let isOpen = true;
  socket.once("close", () => {
    isOpen = false;
  });
  // Its time isn't over meanwhile; client and server share one event loop, so that neither falls behind.
  for (let round = 0; isOpen && round < 200; round++) {
    socket.write(Buffer.alloc(8 * 1024));
    await pause(2);
  }
  assert.equal(isOpen, false);
});

test("a hundred connections that never prove themselves keep no client out for long", async (context) => {
  const port = await listening(context);
  for (let count = 0; count < lobbyLimits.connections * 2; count++) await connected(context, port);
  const client = await connected(context, port);
  client.write(upgrade);
  const [answer] = (await once(client, "data", { signal: AbortSignal.timeout(patienceMs) })) as [Buffer];
  assert.match(answer.toString(), /^HTTP\/1\.1 101/);
});

test("no more than 64 are served at once; the others wait for their turn", () => {
  const served: Socket[] = [];
  const lobby = new Lobby((socket) => served.push(socket));
  for (let count = 0; count < lobbyLimits.connections + 6; count++) lobby.enter(new Socket());
  assert.equal(served.length, lobbyLimits.connections);
  for (const socket of served.slice(0, 2)) lobby.leave(socket);
  assert.equal(served.length, lobbyLimits.connections + 2);
  lobby.dispose();
});
