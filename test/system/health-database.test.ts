import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { closeSync, openSync, readdirSync, rmSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { JournalPage } from "../../shared/model/journal.ts";
import { startProgram } from "../support/child.ts";
import { createHome, type TestHome } from "../support/home.ts";
import { runJson } from "../support/json.ts";
import { waitFor } from "../support/wait.ts";
import { healthOf, othersOf } from "./health-report.ts";

const isRoot = process.getuid?.() === 0;

/** A home whose daemon has written all its files. */
async function prepare(t: TestContext, home: TestHome = createHome(t)) {
  const health = healthOf(home);
  await health.until("database", "healthy");
  // The journal is made with its first entry.
  await runInFile(home, "journal.db", "CREATE TABLE IF NOT EXISTS filled (text TEXT) STRICT", []);
  assert.match((await health.check()).components.database.summary, /^journal\.db, health\.db, store\.db: /);
  return { home, health };
}

const program = `
  const { DatabaseSync } = require("node:sqlite");
  const [file, sql, ...more] = process.argv.slice(1);
  const database = new DatabaseSync(file, { timeout: 5000 });
  database.exec(sql);
  for (const one of more) database.exec(one);
  console.log("done");
  if (sql.startsWith("BEGIN")) setInterval(() => {}, 1000);
`;

function sqlite(home: TestHome, name: string, sql: string, more: readonly string[]) {
  return startProgram(process.execPath, ["-e", program, join(home.directory, name), sql, ...more]);
}

async function runInFile(home: TestHome, name: string, sql: string, more: readonly string[]) {
  assert.equal((await (await sqlite(home, name, sql, more)).finished()).code, 0);
}

/** Overwrites bytes in the middle of the file, past what is read when it is opened. */
function damage(home: TestHome, name: string): void {
  const file = join(home.directory, name);
  const { size } = statSync(file);
  assert.ok(size > 100_000, `${size} bytes`);
  const descriptor = openSync(file, "r+");
  const garbage = Buffer.alloc(4096, 0xa5);
  for (let at = 40_960; at < size - 8192; at += 4096) writeSync(descriptor, garbage, 0, 4096, at);
  closeSync(descriptor);
}

const filling = [
  "INSERT INTO filled SELECT hex(randomblob(500)) FROM (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i < 500) SELECT i FROM n)",
  "PRAGMA wal_checkpoint(TRUNCATE)",
];

test("another program holds a database: critical in one check, by name, and well when it lets go", async (t) => {
  const { home, health } = await prepare(t);
  const locking = await sqlite(home, "journal.db", "BEGIN EXCLUSIVE", []);
  t.after(() => void locking.process.kill("SIGKILL"));
  await locking.printed(/done/);
  const found = await health.check();
  const { database } = found.components;
  assert.deepEqual([found.status, database.status], ["critical", "critical"]);
  assert.match(database.summary, /^journal\.db is locked by another program/);
  assert.deepEqual(othersOf(found, "database"), {
    store: "healthy",
    concurrency: "healthy",
    resources: "healthy",
    servers: "healthy",
  });
  locking.process.kill("SIGKILL");
  await locking.finished();
  assert.equal((await health.check()).status, "healthy");
  const { entries } = await runJson<JournalPage>(["journal"], { home });
  const changes = entries.flatMap(({ event }) =>
    event.kind === "health" && event.component === "database" ? [`${event.from} ${event.to}`] : [],
  );
  assert.deepEqual(changes, ["healthy critical", "critical healthy"]);
});

test("pages of the journal are damaged: seen in one check, set aside, and a new one is begun", async (t) => {
  const { home, health } = await prepare(t);
  await runInFile(home, "journal.db", "SELECT 1", filling);
  assert.equal((await health.check()).components.database.status, "healthy");
  damage(home, "journal.db");
  const found = await health.until("database", "critical");
  assert.match(
    found.components.database.summary,
    /^journal\.db is damaged \(.*set aside as .*journal\.db\.damaged/,
  );
  assert.deepEqual(found.components.store.status, "healthy");
  const after = await health.check();
  assert.equal(after.components.database.status, "healthy", after.components.database.summary);
  assert.ok(readdirSync(home.directory).includes("journal.db.damaged"));
});

test("pages of the embedded store are damaged: critical until the daemon is started anew", async (t) => {
  const { home, health } = await prepare(t);
  const table = "CREATE TABLE filled (text TEXT) STRICT";
  await runInFile(home, "store.db", table, filling);
  await health.check();
  damage(home, "store.db");
  const found = await health.until("database", "critical");
  assert.match(found.components.database.summary, /^store\.db is damaged \(.*Restart the daemon/);
  await runJson(["daemon", "stop"], { home });
  await waitFor("the daemon to end", () => home.daemonPid() === undefined);
  assert.equal((await health.check()).status, "healthy");
  assert.ok(readdirSync(home.directory).some((name) => name.startsWith("store.db.corrupt-")));
});

test("the disk of the home is full: database and disk are critical in one check, and well once there is room", {
  skip: !isRoot && "a small disk takes root to mount",
}, async (t) => {
  const home = createHome(t);
  const options = ["-t", "tmpfs", "-o", "size=24m,mode=700", "tmpfs", home.directory];
  assert.equal(spawnSync("mount", options).status, 0, "mount");
  try {
    await fillAndEmpty(t, home);
  } finally {
    spawnSync("umount", ["-l", home.directory]);
  }
});

async function fillAndEmpty(t: TestContext, home: TestHome): Promise<void> {
  const { health } = await prepare(t, home);
  const filler = join(home.directory, "filler");
  spawnSync("dd", ["if=/dev/zero", `of=${filler}`, "bs=64k"]);
  spawnSync("dd", ["if=/dev/zero", `of=${filler}2`, "bs=1k"]);
  const found = await health.check();
  const { database, resources } = found.components;
  assert.deepEqual([found.status, database.status, resources.status], Array(3).fill("critical"));
  assert.match(database.summary, /The disk of Devlatch's home is full: nothing can be written/);
  assert.match(resources.summary, /The disk of Devlatch's home is (full|100 % full)/);
  for (const file of [filler, `${filler}2`]) rmSync(file, { force: true });
  assert.equal((await health.until("database", "healthy")).status, "healthy");
}
