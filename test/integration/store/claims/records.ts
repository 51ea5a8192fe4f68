import assert from "node:assert/strict";
import { test } from "node:test";
import { hasCode } from "../../../../shared/base/errors.ts";
import { randomToken } from "../../../../shared/base/token.ts";
import type { Handles } from "./handles.ts";

export function recordClaims(handles: Handles): void {
  test("a record is written only over the version the writer saw", async () => {
    const { store, other } = handles();
    const key = `session/${randomToken()}/web`;
    assert.equal(await store.records.get(key), undefined);
    const first = await store.records.put(key, { state: "starting", emoji: "🔒" }, 0);
    const second = await other.records.put(key, { state: "ready" }, first);
    assert.ok(first > 0 && second > first);
    for (const stale of [0, 1, first, second + 1]) {
      await assert.rejects(store.records.put(key, {}, stale), (error) => hasCode(error, "RECORD_CONFLICT"));
    }
    assert.deepEqual(await store.records.get(key), { key, value: { state: "ready" }, version: second });
    assert.equal(await store.records.delete(key, first), false);
    assert.equal(await store.records.delete(key, second), true);
    assert.equal(await other.records.get(key), undefined);
    assert.ok((await other.records.put(key, null, 0)) > second, "no version comes twice");
  });

  test("of many writers of one version exactly one wins", async () => {
    const { store, other } = handles();
    const key = randomToken();
    const results = await Promise.allSettled(
      Array.from({ length: 20 }, (_, i) => (i % 2 ? store : other).records.put(key, i, 0)),
    );
    assert.equal(results.filter(({ status }) => status === "fulfilled").length, 1);
  });

  test("records are listed by exact prefix in the order of keys", async () => {
    const { store } = handles();
    const root = randomToken();
    const keys = [`${root}/b`, `${root}/a`, `${root}/a%`, `${root}/a/é`, `${root}x`, `${root}/A`];
    for (const key of keys) await store.records.put(key, key, 0);
    const listed = (await store.records.list(`${root}/`)).map(({ key }) => key);
    assert.deepEqual(listed, [`${root}/A`, `${root}/a`, `${root}/a%`, `${root}/a/é`, `${root}/b`]);
    assert.deepEqual(await store.records.list(`${root}/nothing`), []);
  });

  test("changes of records are reported", async () => {
    const { store } = handles();
    const key = randomToken();
    let seen = 0;
    const subscription = store.records.onChanged((change) => {
      if (change.key === key) seen++;
    });
    const version = await store.records.put(key, 1, 0);
    assert.ok(seen >= 1);
    const before = seen;
    await store.records.delete(key, version);
    subscription.dispose();
    assert.ok(seen > before);
  });
}
