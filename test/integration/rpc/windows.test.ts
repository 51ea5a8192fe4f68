import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { test } from "node:test";
import { connectTo } from "../../support/daemon.ts";
import { createHome } from "../../support/home.ts";
import { freePort } from "../../support/ports.ts";
import { prepareProject } from "../../support/projects.ts";

test("what a window runs in is marked, and ended neither by freeing its port nor by a start", async (t) => {
  const home = createHome(t);
  const port = await freePort();
  // This process stands for the editor's: the window that asks is its own.
  const server = createServer().listen(port, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  const connection = await connectTo(home, { kind: "window" });
  const { listeners } = await connection.request("port/inspect", { port });
  assert.deepEqual(
    listeners.map(({ pid, carriesCaller }) => [pid, carriesCaller]),
    [[process.pid, true]],
  );
  const refused = {
    code: "PORT_CONFLICT",
    message: /is what this window runs in: to end it would end this window/,
  };
  await assert.rejects(connection.request("port/free", { port, consent: listeners }), refused);
  const cwd = await prepareProject("plain", t);
  const start = { cwd, app: "web", port, consent: listeners };
  await assert.rejects(connection.request("session/start", start), refused);
  await assert.rejects(connection.request("session/restart", start), refused);
  assert.equal(server.listening, true);
});

test("who had a server stopped, stands in its record, for the other windows to say", async (t) => {
  const home = createHome(t);
  const cwd = await prepareProject("plain", t);
  const next = await connectTo(home, { kind: "window", name: "next" });
  const web = { cwd, app: "web" };
  const by = async () => {
    const { sessions } = await next.request("daemon/status", {});
    const state = sessions[0]?.state;
    return state?.kind === "stopped" ? state.stoppedBy : undefined;
  };
  await next.request("session/start", {
    ...web,
    env: { PATH: process.env["PATH"] ?? "" },
    port: await freePort(),
  });
  const [session] = (await next.request("daemon/status", {})).sessions;
  const place = { sandboxId: session?.sandboxId ?? "", app: "web" };
  const { pids } = await next.request("session/lineage", place);
  assert.equal(pids[0], session?.state.kind === "ready" ? session.state.pid : undefined);
  assert.ok(pids.length > 1, "and what it runs below");
  await next.request("session/stop", web);
  assert.deepEqual(await next.request("session/lineage", place), { pids: [] });
  const who = { kind: "window", label: "window of next", pid: process.pid };
  assert.deepEqual(await by(), { ...who, for: "stop" });
});
