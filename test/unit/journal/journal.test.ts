import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { Journal } from "../../../daemon/journal/journal.ts";
import type { JournalEvent } from "../../../shared/model/journal.ts";

function journalFile(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), "devlatch-journal-"));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return join(directory, "journal.db");
}

function open(t: TestContext, file: string, problems: string[] = []): Journal {
  const journal = new Journal(file, { onProblem: (problem) => problems.push(problem) });
  t.after(() => journal.dispose());
  return journal;
}

const signalTo = (pid: number): JournalEvent => ({
  ...{ kind: "signal", by: "daemon", signal: "SIGTERM" },
  process: { pid, startTime: `boot:${pid}`, command: "node server.js" },
});
const pids = (journal: Journal, cursor = 0) =>
  journal
    .page({ cursor, limit: 1000 })
    .entries.map(({ event }) => event.kind === "signal" && event.process.pid);

test("two writers share one order, and a cursor goes on where it ended, also after a restart", (t) => {
  const file = journalFile(t);
  const [one, other] = [open(t, file), open(t, file)];
  for (let round = 1; round <= 50; round++) {
    const writer = round % 2 === 0 ? one : other;
    writer.append(signalTo(round));
    writer.flush();
  }
  const first = one.page({ cursor: 0, limit: 20 });
  assert.equal(first.next, 20);
  const last = other.page({ limit: 3 });
  assert.deepEqual([last.entries.map(({ seq }) => seq), last.next], [[48, 49, 50], 50]);
  one.dispose();
  const next = open(t, file);
  next.append(signalTo(51));
  assert.deepEqual(
    pids(next, first.next),
    Array.from({ length: 31 }, (_, index) => index + 21),
  );
});

test("a damaged journal is set aside and told; what was to be written is written", (t) => {
  const file = journalFile(t);
  writeFileSync(
    file,
    "this is no database, and long enough to be looked at closely by whoever opens it".repeat(20),
  );
  const problems: string[] = [];
  const journal = open(t, file, problems);
  journal.append(signalTo(7));
  assert.deepEqual(pids(journal), [7]);
  assert.equal(problems.length, 1);
  assert.match(problems[0] ?? "", /set aside as .*journal\.db\.damaged/);
});

test("a journal that can't be written is told once, and written when it can be again", (t) => {
  const file = join(journalFile(t), "not yet", "journal.db");
  const problems: string[] = [];
  const journal = open(t, file, problems);
  for (const pid of [1, 2]) {
    journal.append(signalTo(pid));
    journal.flush();
  }
  assert.equal(problems.length, 1);
  mkdirSync(dirname(file), { recursive: true });
  journal.append(signalTo(3));
  assert.deepEqual(pids(journal), [1, 2, 3]);
});
