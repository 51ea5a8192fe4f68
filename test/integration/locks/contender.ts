import { appendFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { LockService } from "../../../daemon/locks/lock-service.ts";
import { openRedisStore } from "../../../daemon/store/redis/store.ts";
import { openSqliteStore } from "../../../daemon/store/sqlite/store.ts";

/**
 * A process that takes a lock again and again and notes in a file when it came in and when it went out.
 * Arguments: store (a Redis URL or a file), key, log file, rounds, hold time in ms, life of the lock in ms.
 */
const [, , place = "", key = "", log = "", rounds = "1", holdMs = "0", ttlMs = "5000"] = process.argv;

const store = place.startsWith("redis:")
  ? await openRedisStore({ url: place, clientName: "contender" })
  : await openSqliteStore({ file: place });
const service = new LockService(store.locks, { reaskMs: place.startsWith("redis:") ? 1_000 : 20 });
const terms = { ttlMs: Number(ttlMs), waitMs: 60_000, owner: `pid ${process.pid}` };

for (let round = 0; round < Number(rounds); round++) {
  await service.withLock(key, terms, async ({ fence, signal }) => {
    appendFileSync(log, `in ${process.pid} ${fence}\n`);
    await delay(Number(holdMs), undefined, { signal });
    appendFileSync(log, `out ${process.pid} ${fence}\n`);
  });
}
await service.close();
await store.close();
