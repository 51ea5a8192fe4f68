import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { LockService } from "../../../daemon/locks/lock-service.ts";
import { openRedisStore } from "../../../daemon/store/redis/store.ts";
import { openSqliteStore } from "../../../daemon/store/sqlite/store.ts";
import type { Store } from "../../../daemon/store/store.ts";
import { type Running, startProgram } from "../../support/child.ts";
import { startRedis } from "../../support/redis.ts";
import { patienceMs, waitFor } from "../../support/wait.ts";

const contender = new URL("./contender.ts", import.meta.url).pathname;
const register = new URL("../../support/register.mjs", import.meta.url).href;
const key = "fight:{box}:web";

/** Where the contenders meet: an argument for them, and a way in for the test. */
interface Place {
  readonly name: string;
  readonly log: string;
  open(): Promise<Store>;
}

for (const [kind, prepare] of [
  ["SQLite", sqlitePlace],
  ["Redis", redisPlace],
] as const) {
  test(`8 processes that fight for one lock in ${kind} never overlap, and fences grow`, async (t) => {
    const place = await prepare(t);
    const fighters = await Promise.all(Array.from({ length: 8 }, () => fight(t, place, ["15", "2"])));
    for (const fighter of fighters) {
      const { code, stderr } = await fighter.finished();
      assert.equal(code, 0, stderr);
    }
    const lines = await readLog(place);
    assert.equal(lines.length, 8 * 15 * 2);
    let last = 0;
    for (let i = 0; i < lines.length; i += 2) {
      const [came, went] = [lines[i], lines[i + 1]];
      assert.deepEqual([came?.word, went?.word], ["in", "out"], `overlap at line ${i}`);
      assert.equal(came?.pid, went?.pid);
      assert.ok((came?.fence ?? 0) > last);
      last = came?.fence ?? 0;
    }
  });

  test(`a killed owner's lock in ${kind} goes to the waiter when it expires, not before`, async (t) => {
    const place = await prepare(t);
    const owner = await fight(t, place, ["1", "60000", "2500"]);
    await waitFor("the owner to hold it", async () => (await readLog(place)).length === 1);
    const store = await place.open();
    const service = new LockService(store.locks, { reaskMs: 50 });
    t.after(() => store.close());
    t.after(() => service.close());
    let got = false;
    const waiting = service.withLock(
      key,
      { ttlMs: 5_000, waitMs: patienceMs, owner: "heir" },
      async ({ fence }) => {
        got = true;
        return fence;
      },
    );
    // Longer than the lock's life: as long as its owner lives it is renewed.
    const begun = performance.now();
    await waitFor("two lives", () => performance.now() - begun > 5_000);
    assert.equal(got, false);
    owner.process.kill("SIGKILL");
    const fence = await waiting;
    assert.ok(fence > ((await readLog(place))[0]?.fence ?? Number.POSITIVE_INFINITY));
  });
}

async function fight(t: TestContext, place: Place, terms: readonly string[]): Promise<Running> {
  const words = ["--import", register, contender, place.name, key, place.log, ...terms];
  const running = await startProgram(process.execPath, words);
  t.after(() => running.process.kill("SIGKILL"));
  return running;
}

async function sqlitePlace(t: TestContext): Promise<Place> {
  const directory = await temporary(t);
  const file = join(directory, "store.db");
  return { name: file, log: join(directory, "log"), open: () => openSqliteStore({ file }) };
}

async function redisPlace(t: TestContext): Promise<Place> {
  const redis = await startRedis();
  t.after(() => redis.stop());
  const log = join(await temporary(t), "log");
  return { name: redis.url, log, open: () => openRedisStore({ url: redis.url, clientName: "heir" }) };
}

async function readLog({ log }: Place) {
  const text = await readFile(log, "utf8").catch(() => "");
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const [word, pid, fence] = line.split(" ");
      return { word, pid, fence: Number(fence) };
    });
}

async function temporary(t: TestContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "devlatch-fight-"));
  t.after(() => rm(directory, { recursive: true, force: true }));
  return directory;
}
