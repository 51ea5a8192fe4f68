import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";
import { visit } from "../../../daemon/servers/visit.ts";

test("a server on the newer loopback alone is reached by localhost, whatever that is here", async (t) => {
  const server = createServer(({ headers }, response) => {
    response.setHeader("content-type", "text/html");
    response.end(headers.host);
  });
  const listens = await new Promise<boolean>((resolve) => {
    server.once("error", () => resolve(false));
    server.listen({ host: "::1", port: 0, ipv6Only: true }, () => resolve(true));
  });
  if (!listens) return t.skip("this machine has no ::1");
  t.after(() => server.close());
  const address = server.address();
  assert.ok(address !== null && typeof address === "object");
  const url = new URL(`http://localhost:${address.port}/`);
  const answer = await visit(url, AbortSignal.timeout(10_000));
  assert.deepEqual([answer?.status, answer?.text, answer?.url.href], [200, url.host, url.href]);
});

test("a server that takes a request and breaks off isn't asked once more", async (t) => {
  let asked = 0;
  const server = createServer(({ socket }) => {
    asked++;
    socket.destroy();
  });
  // Both loopbacks, where this machine has them.
  await new Promise<void>((resolve) => server.listen(0, resolve));
  t.after(() => server.close());
  const address = server.address();
  assert.ok(address !== null && typeof address === "object");
  const url = new URL(`http://localhost:${address.port}/`);
  assert.equal(await visit(url, AbortSignal.timeout(10_000)), undefined);
  assert.equal(asked, 1);
});
