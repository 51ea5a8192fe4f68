import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { Connection } from "../../../shared/client/connection.ts";
import { LiveClient } from "../../../shared/client/live-client.ts";
import type { SessionView } from "../../../shared/model/session.ts";
import { connectTo } from "../../support/daemon.ts";
import { createHome, type TestHome } from "../../support/home.ts";
import { freePort } from "../../support/ports.ts";
import { prepareProject } from "../../support/projects.ts";
import { waitFor } from "../../support/wait.ts";

function follow(context: TestContext, home: TestHome): { client: LiveClient; connections: Connection[] } {
  const connections: Connection[] = [];
  const client = new LiveClient({
    open: async () => {
      const connection = await connectTo(home, { kind: "window" });
      connections.push(connection);
      return connection;
    },
  });
  context.after(() => client.dispose());
  return { client, connections };
}

function webOf(client: LiveClient): SessionView | undefined {
  return client.snapshot?.sessions.find(({ app }) => app === "web");
}

test("a client that looks sees each state as it comes, from another client's start to its stop", async (context) => {
  const home = createHome(context);
  const cwd = await prepareProject("plain", context);
  const port = await freePort();
  const { client } = follow(context, home);
  const seen: string[] = [];
  client.onSnapshotChanged(() => {
    const kind = webOf(client)?.state.kind;
    if (kind !== undefined && seen.at(-1) !== kind) seen.push(kind);
  });
  const other = await connectTo(home);
  context.after(() => other.dispose());

  await other.request("session/start", { cwd, app: "web", port, env: process.env as Record<string, string> });
  await waitFor("ready", () => webOf(client)?.state.kind === "ready");
  await other.request("session/stop", { cwd, app: "web" });
  await waitFor("stopped", () => webOf(client)?.state.kind === "stopped");

  assert.deepEqual(seen, ["starting", "ready", "stopping", "stopped"]);
});

test("a client that lost its connection gets what it missed, by deltas", async (context) => {
  const home = createHome(context);
  const cwd = await prepareProject("plain", context);
  const port = await freePort();
  const { client, connections } = follow(context, home);
  await waitFor("the first snapshot", () => client.snapshot);
  const other = await connectTo(home);
  context.after(() => other.dispose());
  const cutOff = connections[0];
  // Taken in the same turn as the subscription: a daemon that has just begun tells more by itself.
  const before = client.snapshot;
  assert.ok(cutOff && before);
  const revisions: number[] = [];
  client.onSnapshotChanged(({ revision }) => revisions.push(revision));

  cutOff.dispose();
  await other.request("session/start", { cwd, app: "web", port, env: process.env as Record<string, string> });
  await waitFor("ready, over the new connection", () => webOf(client)?.state.kind === "ready");

  assert.equal(client.snapshot?.epoch, before.epoch, "the same daemon");
  assert.deepEqual(
    revisions,
    revisions.map((_, index) => before.revision + 1 + index),
    "every revision once, in order",
  );
  await other.request("session/stop", { cwd, app: "web" });
});

test("a client survives the daemon: it starts the next one and mirrors that", async (context) => {
  const home = createHome(context);
  const { client } = follow(context, home);
  await waitFor("the first snapshot", () => client.snapshot);
  const first = client.snapshot?.epoch;
  const pid = home.daemonPid();
  assert.ok(pid);
  process.kill(pid, "SIGKILL");
  await waitFor(
    "another daemon's snapshot",
    () => client.snapshot?.epoch !== first && client.link.kind === "connected",
  );
  assert.notEqual(home.daemonPid(), pid);
});
