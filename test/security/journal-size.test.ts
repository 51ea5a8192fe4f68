import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { test } from "node:test";
import { JournalBench, signalTo } from "../unit/journal/journals.ts";

const bytes = 1024 * 1024;

test("a journal of few and long entries stays within its size, without a gap", (context) => {
  const bench = new JournalBench(context);
  const journal = bench.open({ retention: { entries: 100_000, ageMs: 1e12, bytes } });
  const long = "x".repeat(10_000);
  for (let pid = 1; pid <= 3_000; pid++) {
    const event = signalTo(pid);
    journal.append(
      event.kind === "signal" ? { ...event, process: { ...event.process, command: long } } : event,
    );
    if (pid % 50 === 0) journal.flush();
  }
  journal.flush();
  const { size } = statSync(bench.file);
  assert.ok(size < 24 * bytes, `${size} bytes`);
  const { entries } = journal.page({ limit: 5_000 });
  assert.ok(entries.length < 2_200 && entries.length >= 50, `${entries.length} entries`);
  assert.equal((entries.at(-1)?.seq ?? 0) - (entries[0]?.seq ?? 0) + 1, entries.length);
});
