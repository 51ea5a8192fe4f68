import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { createMessageConnection, type MessageConnection } from "vscode-jsonrpc/node";
import { DevlatchError, hasCode } from "../../../shared/base/errors.ts";
import { Connection } from "../../../shared/client/connection.ts";
import { LiveClient } from "../../../shared/client/live-client.ts";
import { daemonApi } from "../../../shared/protocol/methods.ts";
import { Tunnel } from "../../../shared/rpc/tunnel.ts";
import { waitFor } from "../../support/wait.ts";

const locks = { kind: "locks", locks: [] };

/** A daemon of which only the state is served, by hand. */
class Daemon {
  revision = 1;
  /** What clients said they know already. */
  readonly since: unknown[] = [];
  readonly #epoch: string;
  readonly #ends: { readonly rpc: MessageConnection; readonly tunnel: Tunnel }[] = [];

  constructor(epoch: string) {
    this.#epoch = epoch;
  }

  connect(): Connection {
    const near: Tunnel = new Tunnel((message) => far.receive(message));
    const far: Tunnel = new Tunnel((message) => near.receive(message));
    const rpc = createMessageConnection(far.reader, far.writer);
    rpc.onRequest("state/subscribe", (params: { since?: { epoch: string; revision: number } }): object => {
      const { since } = params;
      this.since.push(since?.revision);
      if (since?.epoch !== this.#epoch) return { kind: "snapshot", snapshot: this.#snapshot() };
      const missed = Array.from({ length: this.revision - since.revision }, (_, index) => index + 1);
      return {
        kind: "deltas",
        deltas: missed.map((index) => ({ revision: since.revision + index, change: locks })),
      };
    });
    rpc.onRequest("lock/list", () => []);
    rpc.listen();
    this.#ends.push({ rpc, tunnel: near });
    const client = createMessageConnection(near.reader, near.writer);
    const connection = new Connection(
      client,
      { epoch: this.#epoch, build: "test" },
      { kind: "checked", api: daemonApi },
    );
    client.listen();
    return connection;
  }

  /** Tells of a change, and pretends that `skipped` others were told before. */
  change(skipped = 0): void {
    this.revision += 1 + skipped;
    const delta = { revision: this.revision, change: locks };
    void this.#ends.at(-1)?.rpc.sendNotification("state/delta", delta);
  }

  progress(): void {
    const value = { progressToken: "t", phase: "p", message: "m" };
    void this.#ends.at(-1)?.rpc.sendNotification("start/progress", value);
  }

  cut(): void {
    this.#ends.at(-1)?.tunnel.dispose();
  }

  #snapshot() {
    return { epoch: this.#epoch, revision: this.revision, sessions: [], locks: [], health: null };
  }
}

function follow(t: TestContext, open: (signal: AbortSignal) => Connection | Promise<Connection>) {
  const wanted: boolean[] = [];
  const links: string[] = [];
  let appear: (() => void) | undefined;
  const client = new LiveClient({
    open: async (signal, asked) => {
      wanted.push(asked);
      return open(signal);
    },
    watch: (onAppeared) => {
      appear = onAppeared;
      return {
        dispose: () => {
          appear = undefined;
        },
      };
    },
  });
  t.after(() => client.dispose());
  client.onLinkChanged(({ kind }) => links.push(kind));
  const linked = (kind: string) => waitFor(`to be ${kind}`, () => client.link.kind === kind);
  return { client, wanted, links, linked, appear: () => appear?.() };
}

const gone = () => new DevlatchError("DAEMON_UNAVAILABLE", "No daemon runs.", "Start it.");

test("it asks for what it missed, and for everything where the daemon is another or skipped something", async (t) => {
  let daemon = new Daemon("one");
  const { client, linked } = follow(t, () => daemon.connect());
  const shows = (revision: number) =>
    waitFor(`revision ${revision}`, () => client.snapshot?.revision === revision);
  await linked("connected");
  daemon.change();
  await shows(2);
  daemon.revision = 5;
  daemon.cut();
  await shows(5);
  daemon.change(3);
  await shows(9);
  assert.deepEqual(daemon.since, [undefined, 2, undefined]);
  const first = daemon;
  daemon = new Daemon("two");
  first.cut();
  await waitFor("the other daemon", () => client.snapshot?.epoch === "two");
  assert.deepEqual(daemon.since, [undefined]);
});

test("it comes back by itself, unwanted; a request while it is disconnected wants it", async (t) => {
  const daemon = new Daemon("one");
  let isUp = true;
  const { client, wanted, linked } = follow(t, () => {
    if (!isUp) throw gone();
    return daemon.connect();
  });
  await linked("connected");
  isUp = false;
  daemon.cut();
  await linked("disconnected");
  assert.deepEqual(wanted.slice(0, 2), [true, false]);
  wanted.length = 0;
  await assert.rejects(client.request("lock/list", {}), (error) => hasCode(error, "DAEMON_UNAVAILABLE"));
  assert.equal(wanted[0], true);
  isUp = true;
  client.reconnect();
  await linked("connected");
  wanted.length = 0;
  daemon.cut();
  await waitFor("the next attempt", () => wanted.length > 0);
  assert.deepEqual(wanted, [false]);
});

test("to start over gives up the attempt under way; who waits gets the next connection", async (t) => {
  const daemon = new Daemon("one");
  const given: AbortSignal[] = [];
  const { client, links, linked } = follow(t, (signal) => {
    given.push(signal);
    return given.length === 1
      ? new Promise<never>((_, reject) => {
          signal.addEventListener("abort", () => reject(signal.reason));
        })
      : daemon.connect();
  });
  const answer = client.request("lock/list", {});
  client.reconnect();
  assert.equal(given[0]?.aborted, true);
  assert.deepEqual(await answer, []);
  await linked("connected");
  assert.deepEqual(links, ["connecting", "connected"]);
});

test("an attempt that succeeds although it was given up is closed, and the next one is wanted no less", async (t) => {
  const daemon = new Daemon("one");
  const first = Promise.withResolvers<Connection>();
  const attempts = [first.promise];
  const { client, linked, wanted } = follow(t, () => attempts.shift() ?? daemon.connect());
  client.reconnect();
  const late = daemon.connect();
  const closed = new Promise<void>((resolve) => late.onClosed(resolve));
  first.resolve(late);
  await closed;
  await linked("connected");
  assert.deepEqual(wanted, [true, true]);
  assert.deepEqual(await client.request("lock/list", {}), []);
});

test("a daemon that appears is met at once, whatever pause there is between attempts", async (t) => {
  const daemon = new Daemon("one");
  let isUp = false;
  const { client, linked, wanted, appear } = follow(t, () => {
    if (!isUp) throw gone();
    return daemon.connect();
  });
  await linked("disconnected");
  isUp = true;
  appear();
  assert.equal(client.link.kind, "connecting");
  await linked("connected");
  assert.equal(wanted.at(-1), true);
});

test("listeners hear over all connections, and nothing after disposal", async (t) => {
  const daemon = new Daemon("one");
  const { client, linked } = follow(t, () => daemon.connect());
  let heard = 0;
  client.onNotification("start/progress", () => heard++);
  await linked("connected");
  daemon.progress();
  await waitFor("the first", () => heard === 1);
  client.reconnect();
  await linked("connected");
  daemon.progress();
  await waitFor("the second", () => heard === 2);
  client.dispose();
  await assert.rejects(client.request("lock/list", {}), (error) => hasCode(error, "CANCELLED"));
});
