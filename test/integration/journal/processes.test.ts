import assert from "node:assert/strict";
import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { ReadableJournal } from "../../../daemon/journal/readable-journal.ts";
import type { JournalEntry } from "../../../shared/model/journal.ts";
import { type Running, startProgram } from "../../support/child.ts";

const program = new URL("./writer-process.ts", import.meta.url).pathname;

function journalIn(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), "devlatch-journal-"));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return join(directory, "journal.db");
}

async function startWriters(t: TestContext, file: string, count: number, events: number): Promise<Running[]> {
  const names = Array.from({ length: count }, (_, index) => `writer_${index}`);
  return Promise.all(
    names.map(async (name) => {
      const writer = await startProgram(process.execPath, [program, file, name, String(events)]);
      t.after(() => void writer.process.kill("SIGKILL"));
      return writer;
    }),
  );
}

/** The file's size once its oldest entries have left the write-ahead log, in bytes. */
const checkpointed = 64 * 1_024;

const committed = (writer: Running) => Number(writer.stdout().trimEnd().split("\n").at(-1) ?? 0);
const hasEnded = ({ process }: Running) => process.exitCode !== null || process.signalCode !== null;

/** Follows with pages of random size until all writers have ended, then to the end. */
async function follow(file: string, writers: readonly Running[], request: { session?: string } = {}) {
  const journal = new ReadableJournal(file);
  const read: JournalEntry[] = [];
  for (let cursor = 0; ; ) {
    const over = writers.every(hasEnded);
    const page = journal.page({ ...request, cursor, limit: 1 + Math.floor(Math.random() * 200) });
    read.push(...page.entries);
    if (over && page.next === cursor) break;
    cursor = page.next;
    await pause(1);
  }
  journal.dispose();
  return read;
}

/** What each writer wrote, in the order read. */
function bySession(entries: readonly JournalEntry[]): ReadonlyMap<string, number[]> {
  const found = new Map<string, number[]>();
  for (const { event } of entries) {
    if (event.kind !== "signal") continue;
    found.set(event.by, [...(found.get(event.by) ?? []), event.process.pid]);
  }
  return found;
}

test("six processes write, half of them are killed, and every follower reads all of it once, in order", async (t) => {
  const file = journalIn(t);
  const writers = await startWriters(t, file, 6, 1_500);
  const killing = writers.slice(0, 3).map(async (writer, index) => {
    while (committed(writer) < 200 * (index + 1)) await pause(2);
    writer.process.kill("SIGKILL");
  });
  const followers = [follow(file, writers), follow(file, writers), follow(file, writers)];
  const [own, reads] = await Promise.all([
    follow(file, writers, { session: "writer_5" }),
    Promise.all(followers),
    ...killing,
  ]);
  for (const read of reads) {
    assert.deepEqual(
      read.map(({ seq }) => seq),
      read.map((_, index) => index + 1),
      "sequences without gap or double",
    );
    const found = bySession(read);
    for (const [index, writer] of writers.entries()) {
      const numbers = found.get(`writer_${index}`) ?? [];
      assert.deepEqual(
        numbers,
        numbers.map((_, at) => at + 1),
        "each writer's own order",
      );
      assert.ok(numbers.length >= committed(writer), "nothing committed is missing");
      if (index >= 3) assert.equal(numbers.length, 1_500, writer.stderr());
    }
  }
  assert.equal(own.length, 1_500);
});

test("the file is damaged while four processes write: they go on in one new file, without a double", async (t) => {
  const file = journalIn(t);
  const writers = await startWriters(t, file, 4, 1_000_000);
  // Until the first checkpoint all pages are in the write-ahead log, and it would mend the file.
  while (writers.some((writer) => committed(writer) < 200) || statSync(file).size < checkpointed)
    await pause(2);
  const { size } = statSync(file);
  const handle = openSync(file, "r+");
  writeSync(handle, Buffer.alloc(size, 0xa5));
  closeSync(handle);
  // Who only appends may have all pages it needs in memory; a reader sees it once the log begins anew.
  const problems: string[] = [];
  const looking = new ReadableJournal(file, { onProblem: (problem) => void problems.push(problem) });
  t.after(() => looking.dispose());
  while (looking.page({ cursor: 0, limit: 1 }).entries[0]?.event.kind !== "journal") await pause(2);
  const before = writers.map(committed);
  while (writers.some((writer, index) => committed(writer) < (before[index] ?? 0) + 200)) await pause(2);
  for (const writer of writers) writer.process.kill("SIGTERM");
  for (const writer of writers) assert.equal((await writer.finished()).code, 0, writer.stderr());
  const read = await follow(file, writers);
  const [first] = read;
  assert.ok(first?.event.kind === "journal" && first.event.change.kind === "damaged");
  assert.deepEqual(
    read.map(({ seq }) => seq),
    read.map((_, index) => first.seq + index),
  );
  for (const [name, numbers] of bySession(read)) {
    const from = numbers[0] ?? 0;
    assert.deepEqual(
      numbers,
      numbers.map((_, index) => from + index),
    );
    const writer = writers[Number(name.slice(-1))];
    assert.equal(numbers.at(-1), writer && committed(writer));
  }
  assert.equal(bySession(read).size, 4);
  const told = [...writers.map((writer) => writer.stderr()), ...problems].join("\n");
  assert.equal(told.match(/was damaged/g)?.length, 1, told);
});
