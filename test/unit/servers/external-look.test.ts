import assert from "node:assert/strict";
import { createServer } from "node:net";
import { test } from "node:test";
import { lookAtExternals } from "../../../daemon/servers/external-look.ts";
import { isLoopback } from "../../../shared/base/loopback.ts";
import type { AppSummary } from "../../../shared/model/sandbox.ts";

const named = (app: string, host: string, tcp: number): AppSummary => ({
  ...{ app, cwd: "/work", port: tcp, source: "config" },
  external: { host, tcp },
});

test("what runs elsewhere is looked at on this machine alone", async (t) => {
  const server = createServer((socket) => socket.end());
  t.after(() => server.close());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : assert.fail("it listens");
  const apps = [named("db", "127.0.0.1", port), named("far", "db.example", port)];
  const seen = await lookAtExternals(apps, new AbortController().signal);
  assert.deepEqual(seen, [{ app: "db", answers: true }]);
});

test("this machine by its names, and nothing that only looks so", () => {
  for (const host of ["localhost", "127.0.0.1", "127.1.2.3", "::1", "[::1]"])
    assert.ok(isLoopback(host), host);
  for (const host of ["127.0.0.1.example", "localhost.example", "10.0.0.1", "::2", "1270.0.0.1", ""])
    assert.ok(!isLoopback(host), host);
});
