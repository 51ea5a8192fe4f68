import assert from "node:assert/strict";
import { mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type TestContext, test } from "node:test";
import { openSqliteStore } from "../../../daemon/store/sqlite/store.ts";
import { type DevlatchError, hasCode } from "../../../shared/base/errors.ts";
import { request } from "./claims/handles.ts";
import { storeContract } from "./contract-suite.ts";

storeContract("in SQLite", async () => {
  const directory = await mkdtemp(join(tmpdir(), "devlatch-sqlite-"));
  const file = join(directory, "deep", "store.db");
  return {
    name: "sqlite",
    open: () => openSqliteStore({ file }),
    end: () => rm(directory, { recursive: true, force: true }),
  };
});

test("a broken file is set aside and reported, and an empty store takes its place", async (t) => {
  const file = join(await temporary(t), "store.db");
  await writeFile(file, "this is not a database, it only looks long enough to be one ".repeat(200));
  const problems: DevlatchError[] = [];
  const store = await openSqliteStore({ file, onProblem: (problem) => problems.push(problem) });
  t.after(() => store.close());
  assert.ok((await store.records.put("a", 1, 0)) > 0);
  assert.equal(problems.length, 1);
  assert.match(problems[0]?.message ?? "", /store\.db\.corrupt-/);
  assert.ok((await readdir(join(file, ".."))).some((name) => name.startsWith("store.db.corrupt-")));
});

test("a file that is broken further in is set aside too", async (t) => {
  const file = join(await temporary(t), "store.db");
  const sound = await openSqliteStore({ file });
  for (let i = 0; i < 200; i++) await sound.records.put(`k${i}`, "x".repeat(200), 0);
  await sound.close();
  const { size } = await stat(file);
  const handle = await import("node:fs/promises").then(({ open }) => open(file, "r+"));
  await handle.write(Buffer.alloc(size - 8192, 0xa5), 0, size - 8192, 4096);
  await handle.close();
  const problems: DevlatchError[] = [];
  const store = await openSqliteStore({ file, onProblem: (problem) => problems.push(problem) });
  t.after(() => store.close());
  assert.equal(problems.length, 1);
  assert.deepEqual(await store.records.list(""), []);
});

test("what was written is there after opening again, fences go on", async (t) => {
  const file = join(await temporary(t), "store.db");
  const a = request();
  const first = await openSqliteStore({ file, clock: () => 2_000_000_000_000 });
  const granted = await first.locks.acquire(a, 0);
  await first.records.put("r", [1], 0);
  await first.close();
  // The clock was set back by thirty years: fences still grow.
  const second = await openSqliteStore({ file, clock: () => 1_000_000_000_000 });
  t.after(() => second.close());
  const next = await second.locks.acquire(request(), 0);
  assert.ok(granted.kind === "granted" && next.kind === "granted" && next.fence > granted.fence);
  assert.deepEqual((await second.records.get("r"))?.value, [1]);
});

test("a file of an earlier version comes through, and a copy of it stays for those who go back", async (t) => {
  const file = join(await temporary(t), "store.db");
  const made = await openSqliteStore({ file });
  await made.records.put("r", "kept", 0);
  await made.close();
  const earlier = new DatabaseSync(file);
  earlier.exec("ALTER TABLE lock DROP COLUMN seen; PRAGMA user_version = 1");
  earlier.close();
  const store = await openSqliteStore({ file });
  t.after(() => store.close());
  assert.equal((await store.records.get("r"))?.value, "kept");
  await store.records.put("r2", "later", 0);

  const copy = `${file}.version-1`;
  assert.equal((await stat(copy)).mode & 0o777, 0o600);
  const backup = new DatabaseSync(copy, { readOnly: true });
  t.after(() => backup.close());
  assert.equal(backup.prepare("PRAGMA user_version").get()?.["user_version"], 1);
  assert.deepEqual(
    backup
      .prepare("SELECT key FROM record")
      .all()
      .map(({ key }) => key),
    ["r"],
  );
});

test("a file of a newer version is refused and left as it is", async (t) => {
  const file = join(await temporary(t), "store.db");
  await (await openSqliteStore({ file })).close();
  const database = new DatabaseSync(file);
  database.exec("PRAGMA user_version = 999");
  database.close();
  await assert.rejects(openSqliteStore({ file }), (error) => {
    return hasCode(error, "STORE_UNAVAILABLE") && /newer Devlatch/.test(error.message);
  });
  assert.deepEqual(
    (await readdir(join(file, ".."))).filter((name) => name.includes("corrupt")),
    [],
  );
});

test("a file held by a stuck program makes writes fail in bounded time and the event loop stays free", async (t) => {
  const file = join(await temporary(t), "store.db");
  const store = await openSqliteStore({ file });
  const stuck = new DatabaseSync(file);
  t.after(() => store.close());
  t.after(() => stuck.isOpen && stuck.close());
  stuck.exec("BEGIN IMMEDIATE");
  let ticks = 0;
  const ticking = setInterval(() => ticks++, 10);
  const begun = performance.now();
  await assert.rejects(store.records.put("a", 1, 0), (error) => hasCode(error, "STORE_UNAVAILABLE"));
  clearInterval(ticking);
  const elapsedMs = performance.now() - begun;
  assert.ok(elapsedMs < 60_000, `${elapsedMs} ms`);
  assert.ok(ticks > 20, `${ticks} ticks`);
  assert.equal(store.healthy, false);
  stuck.exec("ROLLBACK");
  assert.ok((await store.records.put("a", 1, 0)) > 0);
  assert.equal(store.healthy, true);
});

test("a place that can't be written gives a clear error", async (t) => {
  const directory = await temporary(t);
  await writeFile(join(directory, "file"), "");
  for (const file of [directory, join(directory, "file", "store.db")]) {
    await assert.rejects(openSqliteStore({ file }), (error) => {
      return hasCode(error, "STORE_UNAVAILABLE") && error.message.includes(file) && error.remedy !== "";
    });
  }
});

test("the store's file is the user's own", async (t) => {
  const file = join(await temporary(t), "store.db");
  const store = await openSqliteStore({ file });
  t.after(() => store.close());
  await store.records.put("a", 1, 0);
  for (const name of [file, `${file}-wal`]) assert.equal((await stat(name)).mode & 0o777, 0o600, name);
});

async function temporary(t: TestContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "devlatch-sqlite-"));
  t.after(() => rm(directory, { recursive: true, force: true }));
  return directory;
}
