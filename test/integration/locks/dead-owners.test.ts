import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { hasCode } from "../../../shared/base/errors.ts";
import { startProgram } from "../../support/child.ts";
import { startRedis } from "../../support/redis.ts";
import { waitFor } from "../../support/wait.ts";
import { newKey, openAnnouncedDaemon } from "./daemons.ts";

const register = new URL("../../support/register.mjs", import.meta.url).href;
const program = new URL("./owner.ts", import.meta.url).pathname;
/** No lock expires within a test: what is granted was freed. */
const ttlMs = 600_000;
const terms = { ttlMs, waitMs: 0, owner: "tester" };

async function prepare(t: TestContext) {
  const redis = await startRedis();
  t.after(() => redis.stop());
  const key = newKey();
  const startOwner = async () => {
    const owner = await startProgram(process.execPath, [
      "--import",
      register,
      program,
      redis.url,
      key,
      String(ttlMs),
    ]);
    t.after(async () => {
      owner.process.kill("SIGKILL");
      await owner.finished();
    });
    await owner.printed(/held/);
    return owner;
  };
  return { redis, key, startOwner };
}

test("a waiter gets the lock of a killed daemon at once, long before it expires", async (t) => {
  const { redis, key, startOwner } = await prepare(t);
  const { service } = await openAnnouncedDaemon(t, redis.url);
  const owner = await startOwner();
  const waiting = service.withLock(key, { ...terms, waitMs: 60_000 }, async ({ fence }) => fence);
  await waitFor("the waiter to be queued", async () => (await service.list())[0]?.waiters === 1);
  const held = (await service.list())[0]?.fence ?? 0;
  owner.process.kill("SIGKILL");
  assert.ok((await waiting) > held);
});

test("who doesn't want to wait is granted the lock of a daemon that died before", async (t) => {
  const { redis, key, startOwner } = await prepare(t);
  const owner = await startOwner();
  owner.process.kill("SIGKILL");
  await owner.finished();
  const { service } = await openAnnouncedDaemon(t, redis.url);
  assert.equal(await service.withLock(key, terms, async () => "granted"), "granted");
});

test("a frozen daemon keeps its lock: it isn't dead", async (t) => {
  const { redis, key, startOwner } = await prepare(t);
  const { service } = await openAnnouncedDaemon(t, redis.url);
  const owner = await startOwner();
  owner.process.kill("SIGSTOP");
  const refused = service.withLock(key, terms, async () => "granted");
  await assert.rejects(refused, (error) => hasCode(error, "LOCK_HELD"));
});

test("a daemon whose process can't be seen from here keeps its lock, even if its pid is free here", async (t) => {
  const { redis, key, startOwner } = await prepare(t);
  const owner = await startOwner();
  const { store, service } = await openAnnouncedDaemon(t, redis.url);
  const record = (await store.records.list("daemon/")).find(
    ({ value }) => (value as { process: { pid: number } }).process.pid === owner.pid,
  );
  assert.ok(record);
  await store.records.put(
    record.key,
    { ...(record.value as object), space: "another machine's" },
    record.version,
  );
  owner.process.kill("SIGKILL");
  await owner.finished();
  const refused = service.withLock(key, terms, async () => "granted");
  await assert.rejects(refused, (error) => hasCode(error, "LOCK_HELD"));
});

test("daemons are known again after Redis lost its data, and no more once they have ended", async (t) => {
  const { redis, startOwner } = await prepare(t);
  const { store } = await openAnnouncedDaemon(t, redis.url);
  const owner = await startOwner();
  const known = async () => (await store.records.list("daemon/").catch(() => [])).length;
  assert.equal(await known(), 2);
  await redis.restart();
  await waitFor("both to be known again", async () => (await known()) === 2);
  owner.process.kill("SIGTERM");
  await owner.finished();
  assert.equal(await known(), 1);
});
