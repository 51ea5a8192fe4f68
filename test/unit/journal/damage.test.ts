import assert from "node:assert/strict";
import {
  closeSync,
  existsSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { test } from "node:test";
import { hasCode } from "../../../shared/base/errors.ts";
import { fill, JournalBench, pidsOf, signalTo } from "./journals.ts";

const garbage = "this is no database, and long enough to be looked at closely when it is opened".repeat(20);

/** Overwrites everything behind the first page. */
function spoil(file: string): void {
  const handle = openSync(file, "r+");
  const { size } = statSync(file);
  writeSync(handle, Buffer.alloc(size - 4096, 0xa5), 0, size - 4096, 4096);
  closeSync(handle);
}

test("a journal that is no database is set aside, told, and said in the new one; what was to be written is", (t) => {
  const bench = new JournalBench(t);
  writeFileSync(bench.file, garbage);
  const journal = bench.open();
  fill(journal, 7, 7);
  const { entries } = journal.page({ cursor: 0, limit: 10 });
  const [told, signal] = entries;
  assert.ok(told?.event.kind === "journal" && told.event.change.kind === "damaged");
  assert.equal(told.event.change.aside, `${bench.file}.damaged`);
  assert.deepEqual(signal && pidsOf([signal]), [7]);
  assert.equal(bench.problems.length, 1);
  assert.match(bench.problems[0] ?? "", /set aside as .*journal\.db\.damaged/);
  assert.ok(existsSync(`${bench.file}.damaged`));
});

test("after damage the sequence goes on above every one ever given, and older cursors are told", (t) => {
  const bench = new JournalBench(t);
  const before = bench.open();
  fill(before, 1, 300);
  before.dispose();
  writeFileSync(bench.file, garbage);
  const after = bench.open();
  fill(after, 301, 301);
  const { entries } = after.page({ cursor: 0, limit: 10 });
  assert.ok((entries[0]?.seq ?? 0) > 300);
  assert.throws(
    () => after.page({ cursor: 300, limit: 10 }),
    (error) => hasCode(error, "CURSOR_EXPIRED"),
  );
  after.dispose();
  const last = entries.at(-1)?.seq ?? 0;
  // Even where the mark is gone too.
  rmSync(`${bench.file}.mark`);
  writeFileSync(`${bench.file}.2`, garbage);
  const third = bench.open();
  fill(third, 302, 302);
  assert.ok((third.page({ cursor: 0, limit: 1 }).entries[0]?.seq ?? 0) > last);
});

test("damage in the middle of work: all who have it open meet in the new one, which says so once", (t) => {
  const bench = new JournalBench(t);
  const filler = bench.open();
  fill(filler, 1, 2_000);
  filler.dispose();
  const [one, other, late] = [bench.open(), bench.open(), bench.open()];
  fill(one, 2_001, 2_001);
  assert.equal(other.page({ limit: 1 }).next, 2_001);
  spoil(bench.file);
  // Looked at from the beginning, so that pages are read that aren't in memory.
  late.page({ cursor: 0, limit: 10 });
  for (const [index, journal] of [one, other, late, one, other].entries())
    fill(journal, 3_000 + index, 3_000 + index);
  const seen = [one, other, late].map((journal) => journal.page({ cursor: 0, limit: 100 }).entries);
  assert.deepEqual(seen[0], seen[1]);
  assert.deepEqual(seen[0], seen[2]);
  assert.deepEqual(pidsOf(seen[0] ?? []), [3_000, 3_001, 3_002, 3_003, 3_004]);
  assert.deepEqual(
    seen[0]?.filter(({ event }) => event.kind === "journal").map(({ seq }) => seq > 2_001),
    [true],
  );
  assert.equal(bench.problems.length, 1);
  assert.deepEqual(
    readdirSync(bench.directory).filter((name) => /^journal\.db(\.\d+)?$/.test(name)),
    ["journal.db.2"],
  );
});

test("damage that shows in a page only is noticed when it is read", (t) => {
  const bench = new JournalBench(t);
  const writer = bench.open();
  fill(writer, 1, 2_000);
  writer.dispose();
  const reader = bench.open();
  reader.page({ limit: 1 });
  const middle = Math.floor(statSync(bench.file).size / 8192) * 4096;
  const handle = openSync(bench.file, "r+");
  for (let page = -10; page <= 10; page++)
    writeSync(handle, Buffer.alloc(4096), 0, 4096, middle + page * 4096);
  closeSync(handle);
  const { entries } = reader.page({ cursor: 0, limit: 5_000 });
  assert.equal(entries[0]?.event.kind, "journal");
  assert.equal(bench.problems.length, 1);
});

test("a journal that is removed is begun anew, with a sequence that goes on", (t) => {
  const bench = new JournalBench(t);
  const [one, other] = [bench.open(), bench.open()];
  fill(one, 1, 10);
  assert.equal(other.lastSeq(), 10);
  for (const suffix of ["", "-wal", "-shm"]) rmSync(bench.file + suffix, { force: true });
  other.append(signalTo(11));
  fill(one, 12, 12);
  const { entries } = other.page({ cursor: 0, limit: 10 });
  assert.deepEqual(pidsOf(entries).sort(), [11, 12]);
  assert.ok(entries.every(({ seq }) => seq > 10));
  assert.deepEqual(one.page({ cursor: 0, limit: 10 }).entries, entries);
});
