import assert from "node:assert/strict";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { connect as connectSocket } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { WebSocket, WebSocketServer } from "ws";
import { hasCode } from "../../../shared/base/errors.ts";
import { randomToken } from "../../../shared/base/token.ts";
import { connect } from "../../../shared/client/connect.ts";
import { connectToDaemon } from "../../../shared/client/daemon.ts";
import { addressName, readDaemonState, readToken } from "../../../shared/client/state-file.ts";
import type { ProcessIdentity } from "../../../shared/model/process.ts";
import { isProof, proofOf } from "../../../shared/protocol/proof.ts";
import { connectTo, daemonOptions, homeOf } from "../../support/daemon.ts";
import { createHome, type TestHome } from "../../support/home.ts";

async function runningDaemon(context: TestContext): Promise<TestHome> {
  const home = createHome(context);
  const connection = await connectTo(home);
  context.after(() => connection.dispose());
  return home;
}

function addressOf(home: TestHome): { socketPath: string } {
  const address = readDaemonState(homeOf(home))?.address;
  assert.ok(address && "socketPath" in address);
  return address;
}

/** A socket without our client's manners. */
async function rawSocket(home: TestHome, headers: Record<string, string> = {}): Promise<WebSocket> {
  const socket = new WebSocket("ws://localhost/", {
    headers,
    createConnection: () => connectSocket(addressOf(home).socketPath),
  });
  await new Promise<void>((resolve, reject) => socket.once("open", resolve).once("error", reject));
  return socket;
}

function closing(socket: WebSocket): Promise<{ code: number; reason: string }> {
  return new Promise((resolve) =>
    socket.once("close", (code: number, reason: Buffer) => resolve({ code, reason: reason.toString() })),
  );
}

function answerTo(socket: WebSocket, message: object): Promise<{ error?: { data?: { code?: string } } }> {
  const answer = new Promise<string>((resolve) =>
    socket.once("message", (data: Buffer) => resolve(data.toString())),
  );
  socket.send(JSON.stringify({ jsonrpc: "2.0", id: 1, ...message }));
  return answer.then((text) => JSON.parse(text));
}

for (const [what, frame] of [
  ["broken JSON", "{nope"],
  ["JSON that is no message", '{"hello":1}'],
  ["an array", "[]"],
  ["a binary frame", Buffer.from([1, 2, 3])],
] as const) {
  test(`${what} ends that connection with words, and no other`, async (context) => {
    const home = await runningDaemon(context);
    const socket = await rawSocket(home);
    const closed = closing(socket);
    socket.send(frame);
    const { code, reason } = await closed;
    assert.equal(code, 1002);
    assert.match(reason, /MALFORMED_MESSAGE/);
    const other = await connectTo(home);
    assert.equal((await other.request("daemon/status", {})).daemon.pid, home.daemonPid());
    other.dispose();
  });
}

test("a message larger than the limit ends the connection, not the daemon", async (context) => {
  const home = await runningDaemon(context);
  const other = await connectTo(home);
  const message = "x".repeat(17 * 1024 * 1024);
  await assert.rejects(other.request("command/detect", { cwd: "/", command: [message] }));
  other.dispose();
  const next = await connectTo(home);
  assert.equal((await next.request("daemon/status", {})).daemon.pid, home.daemonPid());
  next.dispose();
});

test("a web page can't connect: a request with an Origin is refused", async (context) => {
  const home = await runningDaemon(context);
  await assert.rejects(rawSocket(home, { origin: "http://localhost:3000" }), /403/);
});

test("nothing is answered before the client proved itself", async (context) => {
  const home = await runningDaemon(context);
  const socket = await rawSocket(home);
  const closed = closing(socket);
  const answer = await answerTo(socket, { method: "daemon/status", params: {} });
  assert.equal(answer.error?.data?.code, "UNAUTHENTICATED");
  assert.equal((await closed).code, 1008);
});

test("a client with another token is told so, and never shows its own to what listens there", async (context) => {
  const home = await runningDaemon(context);
  const { client, build } = daemonOptions(home);
  const attempt = connect({ address: addressOf(home), token: randomToken(), client, build });
  await assert.rejects(attempt, (error) => hasCode(error, "UNAUTHENTICATED"));
});

test("a token file that was replaced is a clear error, not a hang", async (context) => {
  const home = await runningDaemon(context);
  writeFileSync(homeOf(home).tokenFile, `${randomToken()}${randomToken()}\n`);
  await assert.rejects(connectToDaemon(daemonOptions(home)), (error) => hasCode(error, "UNAUTHENTICATED"));
});

test("a client of another protocol is refused everything but ending the daemon", async (context) => {
  const home = await runningDaemon(context);
  const socket = await rawSocket(home);
  const client = { kind: "test", name: "future", pid: process.pid, trusted: true };
  const hello = { protocol: { min: 98, max: 99 }, build: "99", client, nonce: randomToken() };
  const greeted = (await answerTo(socket, { method: "hello", params: hello })) as {
    result: { nonce: string; capabilities: unknown; daemon: ProcessIdentity };
  };
  assert.deepEqual(greeted.result.capabilities, [], "clients of earlier builds refuse an answer without it");
  const binding = { address: addressName(addressOf(home)), server: greeted.result.daemon };
  const proof = proofOf(readToken(homeOf(home)) ?? "", "client", greeted.result.nonce, binding);
  await answerTo(socket, { method: "authenticate", params: { proof } });
  const refused = await answerTo(socket, { method: "daemon/status", params: {} });
  assert.equal(refused.error?.data?.code, "PROTOCOL_MISMATCH");
  const ended = await answerTo(socket, { method: "daemon/stop", params: {} });
  assert.equal(ended.error, undefined);
});

test("a client of the first protocol can prove itself as it did, and end the daemon only", async (context) => {
  const home = await runningDaemon(context);
  const token = readToken(homeOf(home)) ?? "";
  const socket = await rawSocket(home);
  const client = { kind: "test", name: "past", pid: process.pid, trusted: true };
  const hello = { protocol: { min: 1, max: 1 }, build: "0", client, nonce: randomToken() };
  const greeted = (await answerTo(socket, { method: "hello", params: hello })) as {
    result: { nonce: string; proof: string };
  };
  assert.ok(isProof(greeted.result.proof, token, "daemon", hello.nonce));
  const proof = proofOf(token, "client", greeted.result.nonce);
  await answerTo(socket, { method: "authenticate", params: { proof } });
  const refused = await answerTo(socket, { method: "daemon/status", params: {} });
  assert.equal(refused.error?.data?.code, "PROTOCOL_MISMATCH");
  const ended = await answerTo(socket, { method: "daemon/stop", params: {} });
  assert.equal(ended.error, undefined);
});

/** Passes on every message between its own socket and the daemon's. @returns its address, and whether a proof went by */
async function relay(
  context: TestContext,
  home: TestHome,
  change: (fromDaemon: string) => string = (text) => text,
): Promise<{ address: { socketPath: string }; sawProof: () => boolean }> {
  const socketPath = join(home.directory, "relay.sock");
  let sawProof = false;
  const http = createHttpServer();
  const server = new WebSocketServer({ server: http });
  server.on("connection", (near) => {
    const far = rawSocket(home);
    near.on("message", (data) => {
      sawProof ||= String(data).includes('"authenticate"');
      void far.then((socket) => socket.send(String(data)));
    });
    void far.then((socket) => {
      socket.on("message", (data) => near.send(change(String(data))));
      socket.on("close", () => near.close());
      near.on("close", () => socket.close());
    });
  });
  http.listen(socketPath);
  await once(http, "listening");
  context.after(() => {
    for (const socket of server.clients) socket.terminate();
    http.close();
  });
  return { address: { socketPath }, sawProof: () => sawProof };
}

test("who relays between client and daemon from another address is found out, and gets no proof", async (context) => {
  const home = await runningDaemon(context);
  const { client, build } = daemonOptions(home);
  const token = readToken(homeOf(home)) ?? "";
  const { address, sawProof } = await relay(context, home);
  await assert.rejects(connect({ address, token, client, build }), (error) =>
    hasCode(error, "UNAUTHENTICATED"),
  );
  assert.equal(sawProof(), false);
});

test("a relay that speaks of the first protocol gets no proof, either", async (context) => {
  const home = await runningDaemon(context);
  const { client, build } = daemonOptions(home);
  const token = readToken(homeOf(home)) ?? "";
  const older = (text: string) =>
    text.replace('"protocol":{"min":2,"max":2}', '"protocol":{"min":1,"max":1}');
  const { address, sawProof } = await relay(context, home, older);
  await assert.rejects(connect({ address, token, client, build }), (error) =>
    hasCode(error, "UNAUTHENTICATED"),
  );
  assert.equal(sawProof(), false);
});

test("another daemon than the state file names isn't taken for it", async (context) => {
  const home = await runningDaemon(context);
  const { client, build } = daemonOptions(home);
  const token = readToken(homeOf(home)) ?? "";
  const expected = { pid: process.pid, startTime: "x" };
  const attempt = connect({ address: addressOf(home), token, client, build, expected });
  await assert.rejects(attempt, (error) => hasCode(error, "DAEMON_UNAVAILABLE"));
});

test("wrong parameters and unknown methods are named, and the connection lives on", async (context) => {
  const home = await runningDaemon(context);
  const connection = await connectTo(home);
  context.after(() => connection.dispose());
  const wrong = connection.request("port/inspect", { port: 70_000 });
  await assert.rejects(wrong, (error) => hasCode(error, "INVALID_INPUT") && /port/.test(error.message));
  assert.ok(await connection.request("port/inspect", { port: 65_000 }));
});

test("a client of an untrusted workspace may look, not act", async (context) => {
  const home = await runningDaemon(context);
  const connection = await connectTo(home, { trusted: false });
  context.after(() => connection.dispose());
  assert.ok(await connection.request("daemon/status", {}));
  for (const attempt of [
    connection.request("session/start", {
      cwd: home.directory,
      app: "web",
      command: ["touch", "/tmp/never"],
    }),
    connection.request("session/stop", { cwd: home.directory, app: "web" }),
    connection.request("port/free", { port: 65_000, consent: [{ pid: 1, startTime: "x" }] }),
    connection.request("daemon/stop", {}),
    connection.request("alerts/mute", { kind: "server", muted: true }),
    connection.request("alerts/pause", {}),
  ]) {
    await assert.rejects(attempt, (error) => hasCode(error, "UNTRUSTED_WORKSPACE"));
  }
});
