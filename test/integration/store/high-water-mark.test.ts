import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { HighWaterMark } from "../../../daemon/store/redis/high-water-mark.ts";
import { openRedisStore } from "../../../daemon/store/redis/store.ts";
import { openSqliteStore } from "../../../daemon/store/sqlite/store.ts";
import { randomToken } from "../../../shared/base/token.ts";
import { startRedis } from "../../support/redis.ts";
import { waitFor } from "../../support/wait.ts";

/** A Redis whose clock lies an hour behind, as far as this home can tell. */
async function prepare(t: TestContext) {
  const redis = await startRedis();
  t.after(() => redis.stop());
  const directory = await mkdtemp(join(tmpdir(), "devlatch-mark-"));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const local = await openSqliteStore({ file: join(directory, "local.db") });
  t.after(() => local.close());
  const open = async () => {
    const mark = await HighWaterMark.open(local.records);
    const store = await openRedisStore({ url: redis.url, clientName: "tester", mark });
    t.after(() => store.close());
    const grant = async (key: string) => {
      const request = { key, token: randomToken(), ttlMs: 10_000, owner: "tester" };
      const reply = await store.locks.acquire(request, 0);
      assert.ok(reply.kind === "granted");
      await store.locks.release(key, request.token);
      return reply.fence;
    };
    return { mark, grant };
  };
  return { redis, local, open };
}

test("fences grow over a restart of the daemon and an empty Redis whose clock was set back", async (t) => {
  const { redis, local, open } = await prepare(t);
  const anHourAhead = (Date.now() + 3_600_000) * 1_000;
  await local.records.put("fences", anHourAhead, 0);
  const first = await open();
  const fences = [
    await first.grant("{box}:web"),
    await first.grant("{box}:web"),
    await first.grant("{other}:web"),
  ];
  assert.ok(Math.min(...fences) > anHourAhead);
  const kept = async () => Number((await local.records.get("fences"))?.value) > Math.max(...fences);
  await waitFor("the mark to be raised", kept);

  await redis.restart();
  const second = await open();
  const fence = await second.grant("{box}:web");
  assert.ok(fence > Math.max(...fences), `${fence} after ${fences}`);
});

test("the mark is not written for every fence", async (t) => {
  const { local, open } = await prepare(t);
  const { grant } = await open();
  await grant("{box}:web");
  await waitFor("the mark", async () => (await local.records.get("fences")) !== undefined);
  const before = await local.records.get("fences");
  for (let i = 0; i < 20; i++) await grant("{box}:web");
  assert.deepEqual(await local.records.get("fences"), before);
});
