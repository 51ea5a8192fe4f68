import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { LockService } from "../../../daemon/locks/lock-service.ts";
import { openSqliteStore } from "../../../daemon/store/sqlite/store.ts";
import type { LockEvent } from "../../../shared/model/concurrency.ts";
import { waitFor } from "../../support/wait.ts";

const terms = { ttlMs: 10_000, waitMs: 10_000, owner: "tester" };

test("every step of an attempt is told once and in order, and never a token", async (t) => {
  const { locks, events } = await watched(t);
  const end = Promise.withResolvers<void>();
  const held = locks.withLock("k", terms, () => end.promise);
  await waitFor("the holder", () => events.some(({ kind }) => kind === "granted"));
  const refused = locks.withLock("k", { ...terms, waitMs: 0 }, async () => "never");
  await assert.rejects(refused);
  const waiting = locks.withLock("k", terms, async () => "served");
  await waitFor("the waiter", () => events.some(({ kind }) => kind === "queued"));
  end.resolve();
  await held;
  assert.equal(await waiting, "served");

  const steps = (attempt: number) =>
    events
      .filter((event) => event.attempt === attempt)
      .map((event) => (event.kind === "failed" ? event.code : event.kind));
  assert.deepEqual([1, 2, 3].map(steps), [
    ["attempt", "granted", "released"],
    ["attempt", "LOCK_HELD"],
    ["attempt", "queued", "granted", "released"],
  ]);
  assert.deepEqual(Object.keys(events[0] ?? {}).sort(), ["at", "attempt", "holder", "key", "kind", "owner"]);
  assert.equal(new Set(events.map(({ holder }) => holder)).size, 3, "three callers");
});

test("work nested in work is the same holder, as long as the outer work goes on; others are others", async (t) => {
  const { locks, events } = await watched(t);
  const later: (() => Promise<unknown>)[] = [];
  const take = (key: string) => locks.withLock(key, terms, async () => {});
  await locks.withLock("outer", terms, async () => {
    await take("inner");
    await locks.withLock("named", { ...terms, holder: "somebody" }, async () => take("below"));
    const left = Promise.withResolvers<void>();
    const leftBehind = left.promise.then(() => take("left behind"));
    later.push(() => {
      left.resolve();
      return leftBehind;
    });
  });
  for (const go of later) await go();
  const holderOf = (key: string) => events.find((event) => event.key === key)?.holder;
  assert.equal(holderOf("inner"), holderOf("outer"));
  assert.deepEqual([holderOf("named"), holderOf("below")], ["somebody", "somebody"]);
  assert.notEqual(holderOf("left behind"), holderOf("outer"));
});

async function watched(t: TestContext): Promise<{ locks: LockService; events: LockEvent[] }> {
  const directory = await mkdtemp(join(tmpdir(), "devlatch-events-"));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const store = await openSqliteStore({ file: join(directory, "store.db") });
  const locks = new LockService(store.locks, { instance: "secret", reaskMs: 50 });
  t.after(() => store.close());
  t.after(() => locks.close());
  const events: LockEvent[] = [];
  locks.onEvent((event) => events.push(event));
  return { locks, events };
}
