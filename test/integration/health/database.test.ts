import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type TestContext, test } from "node:test";
import { databaseCheck } from "../../../daemon/health/checks/database.ts";
import type { ExaminationRequest, ExaminationResult } from "../../../daemon/health/database/examination.ts";
import { type ExaminingProgram, examineIn } from "../../../daemon/health/database/examine.ts";
import { HealthMonitor } from "../../../daemon/health/monitor.ts";
import { systemTiming } from "../../../daemon/health/timing.ts";
import { defaultThresholds } from "../../../shared/model/health-thresholds.ts";
import { patienceMs } from "../../support/wait.ts";

const script = new URL("../../../daemon/health/database/main.ts", import.meta.url).pathname;
const program = { file: process.execPath, args: [script], timeoutMs: patienceMs };

function directoryOf(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), "devlatch-database-"));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

function makeDatabase(file: string, megabytes: number): void {
  const database = new DatabaseSync(file);
  database.exec("PRAGMA journal_mode = WAL; CREATE TABLE filled (text BLOB) STRICT; BEGIN");
  const insert = database.prepare("INSERT INTO filled VALUES (randomblob(1000))");
  for (let row = 0; row < megabytes * 1000; row++) insert.run();
  database.exec("COMMIT; PRAGMA wal_checkpoint(TRUNCATE)");
  database.close();
}

function prepare(t: TestContext, file: string, how: ExaminingProgram = program) {
  const asked: ExaminationRequest[] = [];
  const answers: ExaminationResult[] = [];
  const check = databaseCheck({
    files: [file],
    scratchFile: join(file, "../.scratch"),
    examine: async (request, signal) => {
      asked.push(request);
      answers.push(await examineIn(how, request, signal));
      return answers.at(-1) as ExaminationResult;
    },
    onDamaged: () => undefined,
    thresholds: () => defaultThresholds,
    clock: systemTiming,
  });
  const fine = { deadlineMs: 1_000, look: async () => ({ readings: [], fine: "" }) };
  const monitor = new HealthMonitor({
    ...{ store: fine, concurrency: fine, resources: fine, servers: fine },
    database: { ...check, deadlineMs: patienceMs },
  });
  t.after(() => monitor.dispose());
  return { asked, answers, check: async () => (await monitor.check()).components.database };
}

test("every page of a large file is read, and the event loop notices nothing of it", async (t) => {
  const file = join(directoryOf(t), "large.db");
  makeDatabase(file, 200);
  const { answers, check } = prepare(t, file);
  // Loads what is loaded once.
  await prepare(t, `${file}-none`).check();
  const before = process.threadCpuUsage();
  assert.equal((await check()).status, "healthy");
  // What this thread itself did meanwhile: how long it had to wait for a busy machine says nothing.
  const { user, system } = process.threadCpuUsage(before);
  const heldMs = (user + system) / 1_000;
  const [found] = answers[0]?.files ?? [];
  assert.ok(found?.kind === "sound" && found.thoroughMs !== undefined);
  t.diagnostic(
    `reading ${statSync(file).size >> 20} MB took ${found.thoroughMs} ms, the loop was held ${heldMs} ms`,
  );
  assert.ok(heldMs < found.thoroughMs / 2, `held for ${heldMs} ms of ${found.thoroughMs}`);
});

test("all pages are read again only after a hundred times as long; a write and a read are made each time", async (t) => {
  const file = join(directoryOf(t), "large.db");
  makeDatabase(file, 80);
  const { asked, check } = prepare(t, file);
  for (let round = 0; round < 3; round++) await check();
  assert.deepEqual(
    asked.map(({ files }) => files.map(({ thorough }) => thorough)),
    [[true], [false], [false]],
  );
});

test("looking at a database changes nothing in it and leaves nothing behind", async (t) => {
  const directory = directoryOf(t);
  const file = join(directory, "store.db");
  const database = new DatabaseSync(file);
  t.after(() => database.close());
  database.exec(
    "PRAGMA journal_mode = WAL; CREATE TABLE one (value INTEGER) STRICT; PRAGMA user_version = 7",
  );
  const version = () => ({
    ...database
      .prepare("SELECT user_version, schema_version FROM pragma_user_version, pragma_schema_version")
      .get(),
    tables: database.prepare("SELECT count(*) AS count FROM sqlite_schema").get()?.["count"],
  });
  const before = version();
  const { check } = prepare(t, file);
  assert.equal((await check()).status, "healthy");
  assert.deepEqual(version(), before);
  assert.deepEqual(readdirSync(directory).sort(), ["store.db", "store.db-shm", "store.db-wal"]);
});

test("a program that can't be started, fails or writes nonsense makes the database unknown, not healthy", async (t) => {
  const directory = directoryOf(t);
  const file = join(directory, "store.db");
  makeDatabase(file, 0);
  const broken = join(directory, "broken.mjs");
  writeFileSync(broken, "console.log('nonsense')");
  for (const how of [
    { file: join(directory, "nothing"), args: [] },
    { file: process.execPath, args: ["-e", "process.exit(3)"] },
    { file: process.execPath, args: [broken] },
  ]) {
    const { status, summary } = await prepare(t, file, how).check();
    assert.equal(status, "unknown", summary);
    assert.match(summary, /^It could not be found out how it is: /);
  }
});

test("a file that isn't there yet is no problem", async (t) => {
  const { check } = prepare(t, join(directoryOf(t), "journal.db"));
  const { status, summary } = await check();
  assert.deepEqual([status, summary.split(":")[0]], ["healthy", "Nothing yet"]);
});
