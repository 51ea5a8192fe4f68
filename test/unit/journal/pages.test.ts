import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { JournalRequest } from "../../../daemon/journal/pages.ts";
import type { ReadableJournal } from "../../../daemon/journal/readable-journal.ts";
import { hasCode } from "../../../shared/base/errors.ts";
import type { JournalEntry, JournalKind } from "../../../shared/model/journal.ts";
import { JournalBench, sandboxEvent, signalTo } from "./journals.ts";

type Filter = Pick<JournalRequest, "kinds" | "since" | "until" | "sandboxId">;
interface Written {
  readonly number: number;
  readonly kind: JournalKind;
  readonly time: number;
}

const filters: readonly Filter[] = [
  {},
  { kinds: ["signal"] },
  { kinds: ["sandbox", "run"] },
  { sandboxId: "sb_1" },
  { since: 400, until: 900 },
  { kinds: ["signal"], since: 300 },
];

/** Reads forwards, page by page; remembers what it was told is gone. */
class Reader {
  readonly read: number[] = [];
  readonly filter: Filter;
  #cursor = 0;
  /** The last sequence it was told is gone, or found gone at its first page. */
  gone: number[] = [];

  constructor(filter: Filter) {
    this.filter = filter;
  }

  /** @returns whether there may be more */
  advance(journal: ReadableJournal, limit: number): boolean {
    try {
      const page = journal.page({ ...this.filter, cursor: this.#cursor, limit });
      const more = page.next > this.#cursor;
      if (this.#cursor === 0) this.gone.push(...range(1, oldestOf(journal) - 1));
      this.#cursor = page.next;
      this.read.push(...page.entries.map(({ seq }) => seq));
      return more;
    } catch (error) {
      if (!hasCode(error, "CURSOR_EXPIRED")) throw error;
      const { oldest } = error.data as { oldest: number };
      this.gone.push(...range(this.#cursor + 1, oldest));
      this.#cursor = oldest;
      return true;
    }
  }
}

const range = (from: number, to: number) =>
  Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i);
const oldestOf = (journal: ReadableJournal) => journal.page({ cursor: 0, limit: 1 }).entries[0]?.seq ?? 1;

function matches({ number, kind, time }: Written, { kinds, since, until, sandboxId }: Filter): boolean {
  if (kinds && !kinds.includes(kind)) return false;
  if (since !== undefined && time < since) return false;
  if (until !== undefined && time > until) return false;
  return sandboxId === undefined || (kind === "sandbox" && `sb_${number % 3}` === sandboxId);
}

function backwards(journal: ReadableJournal, filter: Filter, limit: number): JournalEntry[] {
  const pages: JournalEntry[][] = [];
  for (let before: number | undefined; ; ) {
    const page = journal.page({ ...filter, ...(before === undefined ? {} : { before }), limit });
    pages.unshift(page.entries);
    before = page.entries[0]?.seq;
    if (page.prev === null || before === undefined) return pages.flat();
  }
}

const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("write" as const),
      writer: fc.nat(2),
      count: fc.nat(40),
      flush: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("reopen" as const), writer: fc.nat(2) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("read" as const),
      reader: fc.nat(5),
      limit: fc.integer({ min: 1, max: 30 }),
    }),
  },
);

test("the pages of every reader are what was written and matches, but for what it was told is gone", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), fc.integer({ min: 20, max: 400 }), (steps, kept) => {
      const bench = new JournalBench();
      try {
        let now = 100;
        const options = { retention: { entries: kept, ageMs: 1e9 }, clock: () => now };
        const writers = [bench.open(options), bench.open(options), bench.open(options)];
        const readers = filters.map((filter) => new Reader(filter));
        const written = new Map<number, Written>();
        const held: Written[][] = [[], [], []];
        const commit = (index: number) => {
          const seqs = range(written.size + 1, written.size + (held[index]?.length ?? 0));
          for (const [offset, one] of (held[index] ?? []).entries()) written.set(seqs[offset] ?? 0, one);
          held[index] = [];
        };
        for (const taken of steps) {
          if (taken.kind === "read") {
            commit(0);
            readers[taken.reader]?.advance(writers[0] as ReadableJournal, taken.limit);
          } else if (taken.kind === "reopen") {
            commit(taken.writer);
            writers[taken.writer]?.dispose();
            writers[taken.writer] = bench.open(options);
          } else {
            for (let count = 0; count < taken.count; count++) {
              now += 1;
              const number = now;
              const kind = number % 4 === 0 ? ("sandbox" as const) : ("signal" as const);
              writers[taken.writer]?.append(kind === "sandbox" ? sandboxEvent(number) : signalTo(number));
              held[taken.writer]?.push({ number, kind, time: now });
            }
            if (taken.flush) {
              writers[taken.writer]?.flush();
              commit(taken.writer);
            }
          }
        }
        for (const [index, writer] of writers.entries()) {
          writer.flush();
          commit(index);
        }
        const journal = bench.open({ retention: { entries: 1e9, ageMs: 1e9 } });
        for (const reader of readers) {
          while (reader.advance(journal, 7));
          const wanted = [...written].filter(
            ([seq, one]) => matches(one, reader.filter) && !reader.gone.includes(seq),
          );
          const seqs = wanted.map(([seq]) => seq);
          assert.deepEqual(
            reader.read.filter((seq) => !reader.gone.includes(seq)),
            seqs,
          );
          const oldest = oldestOf(journal);
          assert.deepEqual(
            backwards(journal, reader.filter, 7).map(({ seq }) => seq),
            [...written].flatMap(([seq, one]) => (seq >= oldest && matches(one, reader.filter) ? [seq] : [])),
          );
        }
      } finally {
        bench.dispose();
      }
    }),
    { numRuns: 40 },
  );
});
