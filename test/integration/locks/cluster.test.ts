import assert from "node:assert/strict";
import { test } from "node:test";
import { startCluster } from "../../support/cluster.ts";
import { waitFor } from "../../support/wait.ts";
import { hold, newKey, openDaemon } from "./daemons.ts";

const terms = { ttlMs: 15_000, waitMs: 60_000, owner: "tester" };
/** No waiter asks again: what is granted was pushed. */
const pushOnly = { reaskMs: 600_000 };

test("in a Cluster a waiter of another daemon is granted the lock by push, on whichever node it lies", async (t) => {
  const { url, primaries } = await startCluster(t);
  const [one, two] = [await openDaemon(t, url, pushOnly), await openDaemon(t, url, pushOnly)];
  const keys = Array.from({ length: 30 }, newKey);
  for (const key of keys) {
    const held = await hold(one, key, terms);
    const waiting = two.service.withLock(key, terms, async ({ fence }) => fence);
    const queued = async () => (await one.service.list()).find((lock) => lock.key === key)?.waiters === 1;
    await waitFor("the waiter to be queued", queued);
    held.done();
    assert.ok((await waiting) > held.fence);
  }
  for (const node of primaries) {
    assert.match(
      await node.text("INFO", "commandstats"),
      /cmdstat_evalsha:calls=\d+/,
      "every node had its share",
    );
  }
});

test("over a failover within a Cluster holders keep their locks, and waiters get them by push", async (t) => {
  const { url, primaries, replica } = await startCluster(t, { replica: true });
  const [one, two] = [await openDaemon(t, url, pushOnly), await openDaemon(t, url, pushOnly)];
  const keys = Array.from({ length: 12 }, newKey);
  const held = await Promise.all(keys.map((key) => hold(one, key, terms)));
  const waiting = keys.map((key) => two.service.withLock(key, terms, async ({ fence }) => fence));
  const waiters = async () => (await one.service.list()).reduce((sum, lock) => sum + lock.waiters, 0);
  await waitFor("all to wait", async () => (await waiters()) === keys.length);

  // What a primary had not handed on is lost with it, and only polling would find that out.
  const written = offsetIn("master_repl_offset", await primaries[0]?.text("INFO", "replication"));
  await waitFor("the replica to have all of it", async () => {
    return offsetIn("slave_repl_offset", await replica?.text("INFO", "replication")) >= written;
  });
  await primaries[0]?.kill();
  await waitFor(
    "the replica to take over",
    async () => (await replica?.text("INFO", "replication"))?.includes("role:master") ?? false,
  );
  await waitFor("all locks to be seen", async () => (await waiters().catch(() => 0)) === keys.length);
  for (const { signal } of held) assert.equal(signal.aborted, false, String(signal.reason));
  for (const { done, ended } of held) {
    done();
    await ended;
  }
  const fences = await Promise.all(waiting);
  for (const [index, fence] of fences.entries()) assert.ok(fence > (held[index]?.fence ?? Number.NaN));
});

function offsetIn(field: string, info: string | undefined): number {
  return Number(new RegExp(`^${field}:(\\d+)`, "m").exec(info ?? "")?.[1] ?? Number.NaN);
}
