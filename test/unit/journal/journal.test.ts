import assert from "node:assert/strict";
import { mkdirSync, rmSync, statSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { hasCode } from "../../../shared/base/errors.ts";
import { type JournalEvent, JournalPage } from "../../../shared/model/journal.ts";
import { fill, JournalBench, numbers, pidsOf, sandboxEvent, signalTo } from "./journals.ts";

test("two writers share one order, and a cursor goes on where it ended, also after a restart", (t) => {
  const bench = new JournalBench(t);
  const [one, other] = [bench.open(), bench.open()];
  for (let round = 1; round <= 50; round++) fill(round % 2 === 0 ? one : other, round, round);
  const first = one.page({ cursor: 0, limit: 20 });
  assert.deepEqual([first.next, first.prev], [20, null]);
  one.dispose();
  const next = bench.open();
  fill(next, 51, 51);
  assert.deepEqual(pidsOf(next.page({ cursor: first.next, limit: 1000 }).entries), numbers(21, 51));
  assert.equal(statSync(bench.file).mode & 0o777, 0o600);
});

test("without a cursor the last entries come; prev and before both lead back to the oldest", (t) => {
  const journal = new JournalBench(t).open();
  fill(journal, 1, 25);
  const last = journal.page({ limit: 10 });
  assert.deepEqual([pidsOf(last.entries), last.next, last.prev], [numbers(16, 25), 25, 5]);
  const middle = journal.page({ cursor: last.prev ?? -1, limit: 10 });
  assert.deepEqual([pidsOf(middle.entries), middle.prev], [numbers(6, 15), 0]);
  const before = journal.page({ before: 16, limit: 10 });
  assert.deepEqual([before.entries, before.next, before.prev], [middle.entries, 15, 0]);
  const first = journal.page({ before: 6, limit: 10 });
  assert.deepEqual([pidsOf(first.entries), first.prev], [numbers(1, 5), null]);
  const range = journal.page({ cursor: 3, before: 8, limit: 10 });
  assert.deepEqual([pidsOf(range.entries), range.next], [numbers(4, 7), 7]);
  const end = journal.page({ cursor: 25, limit: 10 });
  assert.deepEqual([end.entries, end.next, end.prev], [[], 25, 15]);
});

test("entries can be asked for by kind, time, sandbox and session; a page that found none needn't be read again", (t) => {
  const bench = new JournalBench(t);
  let now = 1_000;
  const journal = bench.open({ clock: () => now });
  for (const number of numbers(1, 40)) {
    now += 10;
    const signal = { ...signalTo(number), by: `dev_server_${number % 2}` } as JournalEvent;
    journal.append(number % 4 === 0 ? sandboxEvent(number) : signal);
  }
  const kinds = journal.page({ cursor: 0, limit: 100, kinds: ["sandbox"] });
  assert.deepEqual(
    kinds.entries.map(({ seq }) => seq),
    numbers(1, 10).map((number) => number * 4),
  );
  const ofSandbox = journal.page({ cursor: 0, limit: 100, sandboxId: "sb_1" });
  assert.deepEqual(
    ofSandbox.entries.map(({ seq }) => seq),
    [4, 16, 28, 40],
  );
  const ofSession = journal.page({ limit: 3, session: "dev_server_0" });
  assert.deepEqual([pidsOf(ofSession.entries), ofSession.prev], [[30, 34, 38], 17]);
  const timed = journal.page({ cursor: 0, limit: 100, since: 1_100, until: 1_150 });
  assert.deepEqual(
    timed.entries.map(({ seq }) => seq),
    numbers(10, 15),
  );
  const none = journal.page({ cursor: 7, limit: 100, kinds: ["run"] });
  assert.deepEqual([none.entries, none.next, none.prev], [[], 40, null]);
});

test("a cursor whose entries are gone says so and names the oldest that works", (t) => {
  const bench = new JournalBench(t);
  const journal = bench.open({ retention: { entries: 100, ageMs: 1e9 } });
  fill(journal, 1, 1_500);
  const oldest = (journal.page({ cursor: 0, limit: 1 }).entries[0]?.seq ?? 0) - 1;
  assert.ok(oldest >= 800, `${oldest}`);
  for (const [request, data] of [
    [{ cursor: 5 }, { cursor: 5, oldest }],
    [
      { cursor: 5, kinds: ["run"] },
      { cursor: 5, oldest },
    ],
    [{ before: 50 }, { before: 50, oldest }],
  ] as const) {
    assert.throws(
      () => journal.page({ ...request, limit: 10 }),
      (error) => {
        assert.ok(hasCode(error, "CURSOR_EXPIRED"));
        assert.deepEqual(error.data, data);
        return true;
      },
    );
  }
  assert.equal(journal.page({ cursor: oldest, limit: 1 }).entries[0]?.seq, oldest + 1);
  assert.equal(journal.page({ before: oldest + 1, limit: 10 }).prev, null);
});

test("old entries go by age, the newest stays, and a clock that was set back makes no hole", (t) => {
  const bench = new JournalBench(t);
  const write = (time: number, number: number) => {
    // A new process looks at once.
    const journal = bench.open({ retention: { entries: 100, ageMs: 1_000 }, clock: () => time });
    fill(journal, number, number);
    return pidsOf(journal.page({ cursor: 0, limit: 10 }).entries);
  };
  assert.deepEqual(write(5_000, 1), [1]);
  assert.deepEqual(write(2_000, 2), [1, 2]);
  assert.deepEqual(write(5_900, 3), [1, 2, 3]);
  assert.deepEqual(write(6_500, 4), [3, 4]);
  assert.deepEqual(write(90_000, 5), [5]);
});

test("a journal that can't be written is told once, and written when it can be again", (t) => {
  const bench = new JournalBench(t);
  rmSync(bench.directory, { recursive: true });
  const journal = bench.open();
  const heard: (string | undefined)[] = [];
  journal.onBlocked(() => heard.push(journal.blocked));
  fill(journal, 1, 2);
  assert.equal(bench.problems.length, 1);
  mkdirSync(bench.directory, { recursive: true });
  fill(journal, 3, 3);
  assert.deepEqual(
    heard.map((reason) => reason !== undefined),
    [true, false],
  );
  assert.deepEqual(pidsOf(journal.page({ cursor: 0, limit: 10 }).entries), [1, 2, 3]);
});

test("what is held while the file can't be written is bounded, and what was given up is told", (t) => {
  const bench = new JournalBench(t);
  rmSync(bench.directory, { recursive: true });
  const journal = bench.open();
  for (const number of numbers(1, 6_000)) journal.append(signalTo(number));
  assert.equal(journal.flush(), false);
  mkdirSync(bench.directory, { recursive: true });
  assert.equal(journal.flush(), true);
  const [first, second] = journal.page({ cursor: 0, limit: 2 }).entries;
  assert.ok(first?.event.kind === "journal" && first.event.change.kind === "lost");
  assert.equal(first.event.change.events, 1_000);
  assert.deepEqual(second && pidsOf([second]), [1_001]);
});

test("a file that another program holds is tried again by itself, and nothing is told", async (t) => {
  const bench = new JournalBench(t);
  const journal = bench.open();
  fill(journal, 1, 1);
  const other = new DatabaseSync(bench.file);
  other.exec("BEGIN IMMEDIATE");
  journal.append(signalTo(2));
  assert.equal(journal.flush(), false);
  other.exec("ROLLBACK");
  other.close();
  const reader = bench.open();
  const deadline = Date.now() + 10_000;
  while (reader.lastSeq() < 2 && Date.now() < deadline) await new Promise(setImmediate);
  assert.deepEqual(pidsOf(reader.page({ cursor: 0, limit: 10 }).entries), [1, 2]);
  assert.deepEqual(bench.problems, []);
});

test("a journal of an earlier build is taken over, and its session hosts go on writing", (t) => {
  const bench = new JournalBench(t);
  const old = new DatabaseSync(bench.file);
  old.exec(`PRAGMA journal_mode = WAL; CREATE TABLE IF NOT EXISTS entry (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, time INTEGER NOT NULL, kind TEXT NOT NULL, event TEXT NOT NULL
  ) STRICT`);
  const insert = old.prepare("INSERT INTO entry (time, kind, event) VALUES (?, ?, ?)");
  for (const number of [1, 2]) insert.run(Date.now(), "signal", JSON.stringify(signalTo(number)));
  const journal = bench.open();
  fill(journal, 3, 3);
  insert.run(Date.now(), "signal", JSON.stringify(signalTo(4)));
  insert.run(Date.now(), "novelty", JSON.stringify({ kind: "novelty" }));
  old.close();
  const { entries } = journal.page({ cursor: 0, limit: 10 });
  assert.deepEqual(pidsOf(entries), [1, 2, 3, 4]);
  assert.deepEqual(entries.at(-1)?.event, { kind: "unreadable", text: '{"kind":"novelty"}' });
});

test("a client that is older than its daemon shows an entry it has never heard of, and the others as usual", () => {
  const known = {
    seq: 1,
    time: 1,
    event: { kind: "daemon", pid: 7, change: { kind: "stopped", reason: "x" } },
  };
  const novelty = { seq: 2, time: 2, event: { kind: "novelty", of: "tomorrow" } };
  const page = JournalPage.parse({ entries: [known, novelty], next: 2, prev: null });
  assert.deepEqual(
    page.entries.map(({ event }) => event),
    [known.event, { kind: "unreadable", text: '{"kind":"novelty","of":"tomorrow"}' }],
  );
});
