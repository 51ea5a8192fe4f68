import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { Reach } from "../../../extension/connection/reach.ts";
import { WindowConnection } from "../../../extension/connection/window-connection.ts";
import { hasCode } from "../../../shared/base/errors.ts";
import { connectToDaemon, ensureDaemon } from "../../../shared/client/daemon.ts";
import { locateHome } from "../../../shared/client/home.ts";
import { createHome } from "../../support/home.ts";
import { repository } from "../../support/paths.ts";
import { startRedis } from "../../support/redis.ts";
import { waitFor } from "../../support/wait.ts";

/** As built: `npm test` builds before it runs this. */
const script = join(repository, "dist/daemon.js");

/** A window's connection to a home of its own; the window is trusted unless told. */
function openWindow(t: TestContext, given: { trusted?: boolean; redisUrl?: string } = {}) {
  const testHome = createHome(t);
  const home = locateHome({ DEVLATCH_HOME: testHome.directory });
  const facts = { name: "test", trusted: given.trusted ?? true, redisUrl: given.redisUrl };
  const window: { name: string; trusted: boolean; redisUrl: string | undefined } = facts;
  const connection = new WindowConnection(new Reach({ home, script, build: "test", facts: () => window }));
  t.after(() => connection.dispose());
  const linked = (kind: string) =>
    waitFor(`the window to be ${kind}`, () => connection.link.kind === kind, {
      describe: () => JSON.stringify(connection.link),
    });
  const cli = { kind: "test", name: "cli", pid: process.pid, trusted: true } as const;
  const options = { home, program: { script }, client: cli, build: "test" };
  return { testHome, home, window, connection, linked, options };
}

test("a trusted window starts the daemon and mirrors its state", async (t) => {
  const { connection, linked, testHome } = openWindow(t);
  await linked("connected");
  assert.ok(testHome.daemonPid());
  assert.deepEqual(connection.snapshot?.sessions, []);
});

test("an untrusted window starts nothing; it finds a daemon that another client starts, at once", async (t) => {
  const { connection, linked, home, options } = openWindow(t, { trusted: false });
  await linked("disconnected");
  await assert.rejects(connection.request("daemon/status", {}), (error) =>
    hasCode(error, "DAEMON_UNAVAILABLE"),
  );
  assert.equal(existsSync(home.lockFile), false);
  const other = await ensureDaemon(options);
  t.after(() => other.dispose());
  await linked("connected");
});

test("an untrusted window may look, but not act", async (t) => {
  const { connection, linked, options } = openWindow(t, { trusted: false });
  const other = await ensureDaemon(options);
  t.after(() => other.dispose());
  await linked("connected");
  await connection.request("sandbox/describe", { cwd: repository });
  await assert.rejects(connection.request("session/start", { cwd: repository, app: "web" }), (error) =>
    hasCode(error, "UNTRUSTED_WORKSPACE"),
  );
});

test("trust that is granted makes a connection that may act", async (t) => {
  const { connection, linked, window } = openWindow(t, { trusted: false });
  await linked("disconnected");
  window.trusted = true;
  connection.reconnect();
  await linked("connected");
  const cwd = join(repository, "test/fixtures/projects/plain");
  assert.equal((await connection.request("session/stop", { cwd, app: "web" })).outcome, "not_running");
});

test("a daemon that was stopped on purpose stays stopped until this user asks for something", async (t) => {
  const { connection, linked, testHome, options } = openWindow(t);
  await linked("connected");
  const before = testHome.daemonPid();
  const other = await connectToDaemon(options);
  t.after(() => other.dispose());
  await other.request("daemon/stop", {});
  await linked("disconnected");
  await waitFor("the daemon to end", () => testHome.daemonPid() === undefined);
  // Long enough for several attempts of the client's own, which would have started a daemon.
  await new Promise((resolve) => setTimeout(resolve, 600));
  assert.equal(testHome.daemonPid(), undefined);
  assert.equal(connection.link.kind, "disconnected");
  const status = await connection.request("daemon/status", {});
  assert.notEqual(status.daemon.pid, before);
});

test("a daemon that was killed is started again by itself, and the state comes back", async (t) => {
  const { connection, linked, testHome } = openWindow(t);
  await linked("connected");
  const killed = testHome.daemonPid();
  assert.ok(killed);
  process.kill(killed, "SIGKILL");
  await waitFor(
    "another daemon",
    () => testHome.daemonPid() !== undefined && testHome.daemonPid() !== killed,
  );
  await linked("connected");
  assert.ok(connection.snapshot);
});

test("subscribers keep hearing through a reconnect", async (t) => {
  const { connection, linked } = openWindow(t);
  await linked("connected");
  const links: string[] = [];
  connection.onLinkChanged(({ kind }) => links.push(kind));
  connection.reconnect();
  await linked("connected");
  assert.deepEqual(links, ["connecting", "connected"]);
});

test("the Redis a window is set to reaches the daemon that it starts", async (t) => {
  const redis = await startRedis();
  t.after(() => redis.stop());
  const { connection, linked } = openWindow(t, { redisUrl: redis.url });
  await linked("connected");
  const { daemon } = await connection.request("daemon/status", {});
  assert.deepEqual(daemon.store, { kind: "redis", healthy: true });
});

test("a window set to a Redis refuses a daemon with another store, and gets its own by a restart", async (t) => {
  const redis = await startRedis();
  t.after(() => redis.stop());
  const secret = "sesame";
  const redisUrl = redis.url.replace("redis://", `redis://default:${secret}@`);
  const { connection, linked, options, window, testHome } = openWindow(t, { trusted: false, redisUrl });
  const other = await ensureDaemon(options);
  t.after(() => other.dispose());
  // It only looks: it takes what runs.
  await linked("connected");
  window.trusted = true;
  connection.reconnect();
  await linked("disconnected");
  const { link } = connection;
  assert.ok(link.kind === "disconnected");
  assert.equal(link.error.code, "STORE_DIFFERS");
  assert.match(link.error.message, /uses its embedded store, not the Redis in devlatch\.redisUrl/);
  assert.match(link.error.remedy, /devlatch daemon stop/);
  assert.ok(!JSON.stringify(link).includes(secret));
  await assert.rejects(connection.request("daemon/status", {}), (error) => hasCode(error, "STORE_DIFFERS"));
  const before = testHome.daemonPid();
  // This Redis knows no passwords.
  window.redisUrl = redis.url;
  await connection.restartDaemon();
  await linked("connected");
  const { daemon } = await connection.request("daemon/status", {});
  assert.equal(daemon.store.kind, "redis");
  assert.notEqual(daemon.pid, before);
});

test("a window that is set to no Redis takes the daemon that runs, on Redis too", async (t) => {
  const redis = await startRedis();
  t.after(() => redis.stop());
  const { connection, linked, options, window } = openWindow(t, { trusted: false });
  const program = { ...options.program, env: { DEVLATCH_REDIS_URL: redis.url } };
  const other = await ensureDaemon({ ...options, program });
  t.after(() => other.dispose());
  window.trusted = true;
  connection.reconnect();
  await linked("connected");
  assert.equal((await connection.request("daemon/status", {})).daemon.store.kind, "redis");
  window.redisUrl = "redis://127.0.0.1:1";
  connection.reconnect();
  await linked("disconnected");
  assert.ok(connection.link.kind === "disconnected");
  assert.match(connection.link.error.message, /uses another Redis/);
});
