import assert from "node:assert/strict";
import { test } from "node:test";
import * as z from "zod";
import { recordConflict } from "../../../daemon/store/conflict.ts";
import { RecordTable } from "../../../daemon/store/record-table.ts";
import type { RecordStore, Versioned } from "../../../daemon/store/store.ts";
import { Emitter } from "../../../shared/base/emitter.ts";
import { type ErrorCode, hasCode } from "../../../shared/base/errors.ts";
import { silentLog } from "../../support/log.ts";

const schema = z.object({ poolId: z.string(), fence: z.number(), text: z.string() });
const key = "sandbox_pool/a";
const record = (fence: number, text: string, poolId = "a") => ({ poolId, fence, text });
const fails = (code: ErrorCode) => (error: unknown) => hasCode(error, code);

test("a record that doesn't fit costs only itself, and is never taken for none", async () => {
  const { store, table } = tables();
  await store.put(key, { poolId: 1 }, 0);
  await store.put("sandbox_pool/b", record(1, "fine", "b"), 0);
  await table.load();
  assert.deepEqual(table.all(), [record(1, "fine", "b")]);
  await assert.rejects(table.read("a"), fails("INTERNAL"));
  await assert.rejects(table.write(record(2, "over it")), fails("RECORD_CONFLICT"));
});

test("a holder of an earlier lock neither reads nor writes what a later one wrote", async () => {
  const { table, other } = tables();
  await table.write(record(5, "ours"));
  await other.read("a");
  await other.write(record(6, "theirs"));
  await assert.rejects(table.readUnder(5, "a"), fails("LOCK_LOST"));
  await assert.rejects(table.write(record(5, "ours again")), fails("LOCK_LOST"));
  assert.deepEqual(await table.readUnder(6, "a"), record(6, "theirs"));
});

test("a record is replaced only as it was read, also where what came between is known by then", async () => {
  const { table, other } = tables();
  await table.write(record(5, "first"));
  const read = await table.read("a");
  await other.read("a");
  await other.write(record(5, "meanwhile"));
  await table.read("a");
  await assert.rejects(table.replace(read, record(5, "from the first")), fails("LOCK_LOST"));
  await assert.rejects(table.replace(undefined, record(5, "from nothing")), fails("LOCK_LOST"));
  await table.replace(table.peek("a"), record(5, "from what is there"));
  assert.equal((await other.read("a"))?.text, "from what is there");
});

test("a change is made anew on what another daemon wrote meanwhile, and a record is made where there is none", async () => {
  const { table, other } = tables();
  await table.edit("a", (known) => known ?? record(1, "made"));
  let seen = "";
  await other.edit("a", async (known) => {
    if (seen === "") await table.write(record(1, "between"));
    seen += `${known?.text} `;
    return known && { ...known, text: `${known.text}, changed` };
  });
  assert.equal(seen, "made between ");
  assert.equal((await table.read("a"))?.text, "between, changed");
});

test("what a failover left of a record, in an older version, is gone on from", async () => {
  const { store, table } = tables();
  await table.write(record(5, "old"));
  const left = await store.get(key);
  await table.write(record(5, "lost"));
  store.entries.set(key, left as Versioned);
  await table.update("a", (known) => ({ ...known, text: `${known.text}, changed` }));
  assert.equal((await table.read("a"))?.text, "old, changed");
});

test("what is believed of a record meanwhile counts, also where its version is the same", async () => {
  const { store, table } = tables();
  await store.put(key, record(1, "nothing stands behind it"), 0);
  const before = await table.read("a");
  const { version } = (await store.get(key)) as Versioned;
  store.entries.set(key, { key, version, value: record(1, "its host has come up") });
  assert.equal((await table.read("a"))?.text, "its host has come up");
  await assert.rejects(table.replace(before, record(1, "from before")), fails("LOCK_LOST"));
});

test("changes are told once, also those of other daemons, and only of this kind", async () => {
  const { store, table, other } = tables();
  const told: unknown[] = [];
  table.onChanged(({ key: changed, record: now }) => told.push([changed, now?.text]));
  await table.write(record(1, "ours"));
  await table.read("a");
  await other.read("a");
  await other.write(record(1, "theirs"));
  await store.put("sandbox_ports/a", record(1, "of another kind"), 0);
  await table.read("a");
  await other.remove("a");
  await table.read("a");
  assert.deepEqual(told, [
    ["a", "ours"],
    ["a", "theirs"],
    ["a", undefined],
  ]);
});

/** Two daemons' tables over one store. */
function tables() {
  const store = new MemoryRecords();
  const open = () =>
    new RecordTable(store, { kind: "sandbox_pool", schema, keyOf: ({ poolId }) => poolId }, silentLog);
  return { store, table: open(), other: open() };
}

class MemoryRecords implements RecordStore {
  readonly entries = new Map<string, Versioned>();
  readonly #changed = new Emitter<{ key: string }>();
  readonly onChanged = this.#changed.event;

  async get(one: string): Promise<Versioned | undefined> {
    return this.entries.get(one);
  }

  async list(prefix: string): Promise<readonly Versioned[]> {
    return [...this.entries.values()].filter((entry) => entry.key.startsWith(prefix));
  }

  async put(one: string, value: unknown, expected: number): Promise<number> {
    const found = this.entries.get(one)?.version ?? 0;
    if (found !== expected) throw recordConflict(one, found);
    this.entries.set(one, { key: one, value: structuredClone(value), version: found + 1 });
    this.#changed.fire({ key: one });
    return found + 1;
  }

  async delete(one: string, expected: number): Promise<boolean> {
    if (this.entries.get(one)?.version !== expected) return false;
    this.entries.delete(one);
    this.#changed.fire({ key: one });
    return true;
  }
}
