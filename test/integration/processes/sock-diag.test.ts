import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { type TestContext, test } from "node:test";
import { createProcesses } from "../../../daemon/processes/create-processes.ts";
import { readListeningSockets, type TcpSocket } from "../../../daemon/processes/proc-net.ts";
import { parseSockDiag, queryListeningSockets } from "../../../daemon/processes/sock-diag.ts";

async function listen(t: TestContext, host: string) {
  const server = createServer();
  server.listen({ host, port: 0 });
  await once(server, "listening");
  t.after(() => server.close());
  return server;
}

test("the kernel's answer over netlink is what /proc/net shows, for every family", async (t) => {
  for (const host of ["127.0.0.1", "0.0.0.0", "::1", "::"]) await listen(t, host);
  // Another process may begin or end to listen between the two looks.
  for (let attempt = 1; ; attempt++) {
    const key = ({ address, port, inode, uid }: TcpSocket) => `${address} ${port} ${inode} ${uid}`;
    const asked = ((await queryListeningSockets()) ?? []).map(key).sort();
    const read = readListeningSockets().map(key).sort();
    if (asked.join() !== read.join() && attempt < 10) continue;
    assert.deepEqual(asked, read);
    assert.ok(asked.length >= 4);
    return;
  }
});

test("the mark changes when a process begins and when one ends to listen", async (t) => {
  const processes = createProcesses();
  const before = await processes.listenersMark();
  const server = await listen(t, "127.0.0.1");
  const during = await processes.listenersMark();
  assert.notEqual(during, before);
  server.close();
  await once(server, "close");
  assert.notEqual(await processes.listenersMark(), during);
});

test("an answer of several messages is read to its end, and an error is no answer", () => {
  const message = (type: number, body: Buffer) => {
    const header = Buffer.alloc(16);
    header.writeUInt32LE(16 + body.length, 0);
    header.writeUInt16LE(type, 4);
    return Buffer.concat([header, body]);
  };
  // As recorded: 0.0.0.0:2024, inode 94, of the user 1000.
  const body = Buffer.alloc(72);
  body.set([2, 10, 0, 0, 0x07, 0xe8], 0);
  body.writeUInt32LE(1000, 64);
  body.writeUInt32LE(94, 68);
  const socket = { address: "0.0.0.0", port: 2024, inode: "94", uid: 1000 };
  assert.deepEqual(parseSockDiag(message(20, body)), { sockets: [socket], isLast: false });
  const whole = Buffer.concat([message(20, body), message(20, body), message(3, Buffer.alloc(4))]);
  assert.deepEqual(parseSockDiag(whole), { sockets: [socket, socket], isLast: true });
  assert.equal(parseSockDiag(message(2, Buffer.alloc(4))), undefined);
});
