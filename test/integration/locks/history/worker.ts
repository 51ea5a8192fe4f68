import { setTimeout as delay } from "node:timers/promises";
import { hasCode } from "../../../../shared/base/errors.ts";
import { monotonicMs, seededRandom, type WorkerEvent, type WorkerOrder } from "./events.ts";
import { type LockerName, openLocker } from "./lockers.ts";

/**
 * A process that takes locks again and again, writes to the resource while it holds them, and tells its parent all.
 * Arguments: kind of lock, Redis URL, folder of the peers, seed, life of a lock in ms, keys… It ends, with everything
 * it waits for, when it is told to stop.
 */
const [, , name = "devlatch", url = "", peers = "", seed = "1", life = "2000", ...keys] = process.argv;
const ttlMs = Number(life);
const loops = 10;

const random = seededRandom(Number(seed));
const locker = await openLocker(name as LockerName, url, peers);
const answers = new Map<string, (accepted: boolean) => void>();
const stopping = new AbortController();
const realNow = Date.now;
let attempts = 0;

process.on("message", (order: WorkerOrder) => {
  if (order.do === "stop") return stopping.abort();
  if (order.do === "skew") {
    // As if this machine's clock had been set; the monotonic one goes on.
    Date.now = () => realNow() + order.ms;
    return;
  }
  answers.get(order.id)?.(order.accepted);
  answers.delete(order.id);
});
process.on("disconnect", () => process.exit(1));
locker.onQueued((id) => tell({ kind: "queued", id, at: monotonicMs() }));

function tell(event: WorkerEvent): void {
  process.send?.(event);
}

function write(id: string, key: string, fence: number): Promise<boolean> {
  return new Promise((resolve) => {
    answers.set(id, resolve);
    tell({ kind: "write", id, key, fence });
  });
}

async function attempt(): Promise<void> {
  const id = `${process.pid}-${++attempts}`;
  const key = keys[Math.floor(random() * keys.length)] ?? "";
  const terms = { ttlMs, waitMs: random() < 0.2 ? 0 : 500 + random() * 4_000, owner: id };
  tell({ kind: "invoked", id, key, at: monotonicMs() });
  let code = "ok";
  try {
    await locker.withLock(key, terms, async ({ fence, signal }) => {
      tell({ kind: "granted", id, fence, at: monotonicMs() });
      const stop = () => tell({ kind: "stopped", id, at: monotonicMs() });
      signal.addEventListener("abort", stop, { once: true });
      for (let left = random() * 3; left > 0 && !signal.aborted; left--) {
        await write(id, key, fence);
        await delay(random() < 0.001 ? random() * 2 * ttlMs : random() * 3, undefined, { signal }).catch(
          () => {},
        );
      }
      if (!signal.aborted) stop();
    });
  } catch (error) {
    code = hasCode(error) ? error.code : String(error);
  }
  tell({ kind: "ended", id, at: monotonicMs(), code });
  // A store that is away refuses at once: no busy loop then.
  if (code === "STORE_UNAVAILABLE") await delay(100);
}

async function loop(): Promise<void> {
  while (!stopping.signal.aborted) await attempt();
}

await Promise.all(Array.from({ length: loops }, loop));
await locker.close();
process.disconnect();
