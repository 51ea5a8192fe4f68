import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { WebSocketServer } from "ws";
import { proofOf } from "../../shared/protocol/proof.ts";
import { protocolRange } from "../../shared/protocol/versions.ts";
import { runCli } from "../support/cli.ts";
import { createHome, type TestHome } from "../support/home.ts";

/** Pretends that a daemon serves this home at its socket. */
function pretendDaemon(home: TestHome, token = randomBytes(16).toString("hex")): string {
  const socketPath = join(home.directory, "daemon.sock");
  writeFileSync(join(home.directory, "token"), `${token}\n`, { mode: 0o600 });
  const state = {
    pid: process.pid,
    startTime: "x",
    epoch: "e",
    version: "0",
    build: "0",
    protocol: protocolRange,
    address: { socketPath },
    startedAt: 0,
  };
  writeFileSync(join(home.directory, "daemon.json"), JSON.stringify(state), { mode: 0o600 });
  return socketPath;
}

async function listen(t: TestContext, socketPath: string, onSocket: (socket: Socket) => void) {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    onSocket(socket);
  });
  server.listen(socketPath);
  await once(server, "listening");
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return server;
}

/** A message as it comes in. */
interface Asked {
  readonly id: number;
  readonly method: string;
  readonly params: { readonly nonce: string };
}

/** A WebSocket peer that answers each message with what `reply` makes of it. */
async function answer(t: TestContext, socketPath: string, reply: (message: Asked) => unknown) {
  const http = createHttpServer();
  const sockets = new WebSocketServer({ server: http });
  sockets.on("connection", (socket) => {
    socket.on("message", (data) => {
      const message = JSON.parse(String(data)) as Asked;
      socket.send(JSON.stringify({ jsonrpc: "2.0", id: message.id, result: reply(message) }));
    });
  });
  http.listen(socketPath);
  await once(http, "listening");
  t.after(() => {
    for (const socket of sockets.clients) socket.terminate();
    http.close();
  });
}

function errorOf(result: { json: unknown }) {
  return (result.json as { error: { code: string; message: string } }).error;
}

describe("a peer at the daemon's address that isn't the daemon", () => {
  it("that never answers costs bounded time and exit code 5", async (t) => {
    const home = createHome(t);
    await listen(t, pretendDaemon(home), () => {});
    const result = await runCli(["status", "--json"], { home });
    assert.equal(errorOf(result).code, "DEADLINE");
    assert.equal(result.code, 5);
    assert.ok(result.elapsedMs < 60_000, `${result.elapsedMs} ms`);
  });

  it("that hangs up at once is no daemon: nothing is started by looking", async (t) => {
    const home = createHome(t);
    await listen(t, pretendDaemon(home), (socket) => socket.destroy());
    const result = await runCli(["status"], { home });
    assert.equal(result.code, 0);
    assert.match(result.stdout, /No daemon runs/);
  });

  it("that doesn't know the token is found out, and learns nothing", async (t) => {
    const home = createHome(t);
    const heard: string[] = [];
    await answer(t, pretendDaemon(home), (message) => {
      heard.push(JSON.stringify(message));
      return { protocol: protocolRange, build: "0", capabilities: [], proof: "00", nonce: "0".repeat(32) };
    });
    for (const args of [["status"], ["stop", "web"], ["daemon", "stop"]]) {
      const result = await runCli([...args, "--json"], { home });
      assert.equal(errorOf(result).code, "UNAUTHENTICATED");
      assert.equal(result.code, 1);
    }
    assert.equal(heard.length, 3);
    assert.ok(
      heard.every((message) => message.includes('"hello"')),
      "a proof was sent to a stranger",
    );
    const doctor = await runCli(["doctor"], { home });
    assert.equal(doctor.code, 1);
    assert.match(doctor.stdout, /doesn't know the token/);
  });

  it("that talks nonsense gets a clear error, not a stack", async (t) => {
    const home = createHome(t);
    await answer(t, pretendDaemon(home), () => ({ surprise: true }));
    const result = await runCli(["status"], { home });
    assert.equal(result.code, 1);
    assert.match(result.stderr, /doesn't fit the protocol/);
    assert.doesNotMatch(result.stderr, /\n {4}at /);
  });
});

/** What a daemon of another build says, which knows the token. @param status its answer to `daemon/status` */
function anotherBuild(socketPath: string, token: string, status: unknown) {
  const server = { pid: process.pid, startTime: "x" };
  const binding = { address: `unix:${socketPath}`, server };
  return ({ method, params }: Asked): unknown => {
    const proof = () => proofOf(token, "daemon", params.nonce, binding);
    if (method === "hello")
      return {
        protocol: protocolRange,
        build: "0.0.9",
        proof: proof(),
        nonce: "0".repeat(32),
        daemon: server,
      };
    return method === "authenticate" ? { version: protocolRange.max, epoch: "e" } : status;
  };
}

describe("a daemon of another build", () => {
  const wrong: [string, unknown][] = [
    ["nothing", null],
    ["a list", []],
    ["parts", { daemon: { pid: 1 }, sessions: [{ app: "web" }] }],
    ["other types", { daemon: "x", sessions: {}, locks: 3, health: [] }],
  ];
  for (const [what, status] of wrong)
    it(`whose status is ${what} gets a clear error: what it says is checked`, async (t) => {
      const home = createHome(t);
      const token = randomBytes(16).toString("hex");
      const socketPath = pretendDaemon(home, token);
      await answer(t, socketPath, anotherBuild(socketPath, token, status));
      const result = await runCli(["status", "--json"], { home });
      assert.equal(errorOf(result).code, "MALFORMED_MESSAGE");
      assert.match(errorOf(result).message, /daemon\/status doesn't fit the protocol/);
    });
});
