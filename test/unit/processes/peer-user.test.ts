import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { isOwnPeer, peerOf } from "../../../daemon/processes/peer-user.ts";
import { patienceMs } from "../../support/wait.ts";

const stranger = 65_534;
const onLinux = process.platform === "linux" ? false : "only Linux tells";
const asRoot = process.getuid?.() === 0 ? onLinux : "only root can start a process of another user";

async function listening(t: TestContext, where: string | number): Promise<{ accepted: Promise<Socket> }> {
  const server = createServer({ pauseOnConnect: true });
  t.after(() => server.close());
  const signal = AbortSignal.timeout(patienceMs);
  const accepted = once(server, "connection", { signal }).then(([socket]) => {
    t.after(() => (socket as Socket).destroy());
    return socket as Socket;
  });
  if (typeof where === "number") server.listen(where, "127.0.0.1");
  else server.listen(where);
  await once(server, "listening");
  if (typeof where === "number") {
    const address = server.address();
    assert.ok(typeof address === "object" && address);
    const client = connect(address.port, "127.0.0.1");
    t.after(() => client.destroy());
  }
  return { accepted };
}

function socketPath(t: TestContext): string {
  const directory = mkdtempSync(join(realpathSync(tmpdir()), "dl-peer-"));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  chmodSync(directory, 0o755);
  return join(directory, "s");
}

test("both ends learn which process the other is", { skip: onLinux }, async (t) => {
  const path = socketPath(t);
  const { accepted } = await listening(t, path);
  const client = connect(path);
  t.after(() => client.destroy());
  await once(client, "connect");
  const expected = { pid: process.pid, uid: process.getuid?.() };
  assert.deepEqual(await peerOf(await accepted), expected);
  assert.deepEqual(await peerOf(client), expected);
  assert.ok(await isOwnPeer(client));
});

test("another user's process isn't ours, whatever the socket's mode let in", { skip: asRoot }, async (t) => {
  const path = socketPath(t);
  const { accepted } = await listening(t, path);
  chmodSync(path, 0o777);
  const script = `require("node:net").connect(${JSON.stringify(path)})`;
  const child = spawn(process.execPath, ["-e", script], {
    uid: stranger,
    gid: stranger,
    cwd: "/",
    stdio: "ignore",
  });
  t.after(() => child.kill("SIGKILL"));
  const socket = await accepted;
  assert.deepEqual(await peerOf(socket), { pid: child.pid, uid: stranger });
  assert.equal(await isOwnPeer(socket), false);
});

test("of a connection over TCP nothing is told, and nothing is refused", async (t) => {
  const { accepted } = await listening(t, 0);
  const socket = await accepted;
  assert.equal(await peerOf(socket), undefined);
  assert.ok(await isOwnPeer(socket));
});
