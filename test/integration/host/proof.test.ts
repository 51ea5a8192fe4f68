import assert from "node:assert/strict";
import { once } from "node:events";
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { connectMessages } from "../../../daemon/host/framing.ts";
import { connectHost } from "../../../daemon/hosts/client.ts";
import { hasCode } from "../../../shared/base/errors.ts";
import { randomToken } from "../../../shared/base/token.ts";
import { HostBench } from "./hosts.ts";

/** A session's directory in which `onSocket` plays the host. */
async function pretendHost(t: TestContext, onSocket: (socket: Socket) => void): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), "devlatch-pretend-"));
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on("error", () => socket.destroy()));
    onSocket(socket);
  });
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
    rmSync(directory, { recursive: true, force: true });
  });
  server.listen(join(directory, "host.sock"));
  await once(server, "listening");
  return directory;
}

const refused = (error: unknown) =>
  hasCode(error, "HOST_FAILED") && /isn't a session host of this user/.test(error.message);

test("what doesn't know the key of a session's directory isn't taken for its host", async (t) => {
  const directory = await pretendHost(t, (socket) => {
    const rpc = connectMessages(socket);
    rpc.onRequest("prove", () => ({ proof: "00", host: { pid: process.pid, startTime: "x" } }));
    rpc.listen();
  });
  writeFileSync(join(directory, "host.key"), `${randomToken()}\n`, { mode: 0o600 });
  await assert.rejects(connectHost(directory), refused);
});

test("the proof of a host can't be relayed to another socket", async (t) => {
  const bench = new HostBench(t);
  assert.equal((await bench.start(bench.spec(["cat"]))).kind, "running");
  const directory = await pretendHost(t, (socket) => {
    const far = connect(join(bench.directory, "host.sock")).on("error", () => socket.destroy());
    socket.pipe(far).pipe(socket);
  });
  copyFileSync(join(bench.directory, "host.key"), join(directory, "host.key"));
  await assert.rejects(connectHost(directory), refused);
  assert.equal((await (await bench.connect()).request("describe", {})).launchId, bench.launchId);
});

test("a host of an earlier build, which has no key, is reached all the same", async (t) => {
  const bench = new HostBench(t);
  assert.equal((await bench.start(bench.spec(["cat"]))).kind, "running");
  rmSync(join(bench.directory, "host.key"));
  assert.equal((await (await bench.connect()).request("describe", {})).launchId, bench.launchId);
});
