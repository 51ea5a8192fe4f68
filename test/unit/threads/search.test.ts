import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import fc from "fast-check";
import type { PageRequest } from "../../../daemon/threads/pages.ts";
import { hasCode } from "../../../shared/base/errors.ts";
import type { MessageKind, ThreadMessage } from "../../../shared/model/thread.ts";
import { waitFor } from "../../support/wait.ts";
import { ThreadBench } from "./threads.ts";

const seqs = (messages: readonly ThreadMessage[]) => messages.map(({ seq }) => seq);

/** Whether all of the thread is in the index of words. */
function indexedThrough({ file }: ThreadBench): number {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    return Number(database.prepare("SELECT through FROM word_index").get()?.["through"]);
  } finally {
    database.close();
  }
}

/** All pages of a request, from the beginning forwards. */
async function forwards(
  { reader }: ThreadBench,
  request: Omit<PageRequest, "cursor">,
): Promise<ThreadMessage[]> {
  const found: ThreadMessage[] = [];
  for (let cursor = 0; ; ) {
    const page = await reader.page({ ...request, cursor });
    found.push(...page.messages);
    if (page.next === cursor) return found;
    cursor = page.next;
  }
}

/** The same from the end backwards. */
async function backwards(
  { reader }: ThreadBench,
  request: Omit<PageRequest, "before">,
): Promise<ThreadMessage[]> {
  const found: ThreadMessage[] = [];
  for (let before: number | undefined; ; ) {
    const { messages } = await reader.page({ ...request, before });
    found.unshift(...messages);
    before = messages[0]?.seq;
    if (before === undefined) return found;
  }
}

const word = fc.constantFrom(
  "compiled",
  "Compiled",
  "page",
  "pages",
  "straße",
  "日本",
  "x1",
  "42",
  "4242",
  "é",
);
const gap = fc.constantFrom(" ", "/", "-", ", ", ": ", "_");
const text = fc.array(fc.tuple(word, gap), { maxLength: 5 }).map((parts) => parts.flat().join(""));
/** Mostly the usual: then lines share a block, and pages end in the middle of one. */
function seldom<T, U>(arbitrary: fc.Arbitrary<T>, usual: U): fc.Arbitrary<T | U> {
  return fc.oneof({ arbitrary: fc.constant(usual), weight: 6 }, { arbitrary, weight: 1 });
}

const message = fc.record({
  kind: seldom(fc.constant("event"), "output"),
  text,
  later: seldom(fc.integer({ min: 1, max: 3 }), 0),
  flush: seldom(fc.constant(true), false),
});
/** Half of the time there is no such condition: all of them together let hardly anything pass. */
function perhaps<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.option(arbitrary, { nil: undefined, freq: 2 });
}

const filter = fc.record({
  search: perhaps(fc.constantFrom("page", "pag*", "compiled 42", "STRASSE straße", "日本", "42")),
  grep: perhaps(fc.constantFrom("^c", "4", "\\d+", "x1.*page")),
  kinds: perhaps(fc.constantFrom<readonly MessageKind[]>(["output"], ["event"], ["event", "output"])),
  since: perhaps(fc.nat(10)),
  until: perhaps(fc.nat(10)),
});

const isWordOf = (text: string, wanted: string) => {
  const words: readonly string[] = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  return wanted.endsWith("*")
    ? words.some((one) => one.startsWith(wanted.slice(0, -1)))
    : words.includes(wanted.toLowerCase());
};

function passes({ text, kind, time }: ThreadMessage, wanted: Partial<PageRequest>): boolean {
  const { search, grep, kinds, since = 0, until = Number.POSITIVE_INFINITY } = wanted;
  if (time < since || time > until || !(kinds?.includes(kind) ?? true)) return false;
  if (grep !== undefined && !new RegExp(grep).test(text)) return false;
  return search === undefined || search.split(" ").every((one) => isWordOf(text, one));
}

test("pages through a filter hold what passes it, forwards and backwards, indexed or not", async () => {
  const property = fc.asyncProperty(
    fc.array(message, { minLength: 1, maxLength: 60, size: "max" }),
    filter,
    fc.integer({ min: 1, max: 5 }),
    fc.constantFrom("no index", "half an index", "an index"),
    async (written, wanted, limit, index) => {
      const bench = new ThreadBench();
      try {
        let time = 0;
        const open = () => bench.open({ clock: () => time });
        let writer = open();
        for (const [at, { kind, text, later, flush }] of written.entries()) {
          if (index === "half an index" && at === Math.floor(written.length / 2)) {
            writer.close();
            writer = open();
          }
          if (kind === "event") writer.event(text);
          // What ends with empty lines is held back until it is known what follows.
          else writer.append(Buffer.from(`${text || "."}\n`));
          if (flush || later > 0) writer.flush();
          time += later;
        }
        if (index === "an index") writer.close();
        else writer.flush();
        const all = await bench.all(5_000);
        assert.equal(all.length, written.length);
        const request = { ...wanted, limit };
        const expected = seqs(all.filter((one) => passes(one, request)));
        assert.deepEqual(seqs(await forwards(bench, request)), expected);
        assert.deepEqual(
          seqs(await backwards(bench, { ...request, since: undefined })),
          seqs(all.filter((one) => passes(one, { ...request, since: 0 }))),
        );
      } finally {
        bench.dispose();
      }
    },
  );
  await fc.assert(property, { numRuns: 150 });
});

test("words are indexed by themselves a moment after they were written", async (t) => {
  const bench = new ThreadBench(t);
  const writer = bench.open();
  bench.fill(writer, 1, 5_000);
  await waitFor("the index", () => indexedThrough(bench) === 5_000);
  const page = await bench.reader.page({ cursor: 0, limit: 10, search: "4321" });
  assert.deepEqual([seqs(page.messages), page.next], [[4321], 5_000]);
});

test("what retention drops is out of the index, too", async (t) => {
  const bench = new ThreadBench(t);
  const writer = bench.open({ retention: { ageMs: 1e12, messages: 100, rawBytes: 1000, textLength: 1e6 } });
  for (let first = 1; first < 1000; first += 20) bench.fill(writer, first, first + 19);
  writer.close();
  const last = bench.open({ retention: { ageMs: 1e12, messages: 100, rawBytes: 1000, textLength: 1e6 } });
  for (let first = 1001; first < 2000; first += 20) bench.fill(last, first, first + 19);
  last.close();
  for (const [search, expected] of [
    ["10", []],
    ["1990", [1990]],
  ] as const)
    assert.deepEqual(seqs((await bench.reader.page({ limit: 10, search })).messages), expected);
  await assert.rejects(bench.reader.page({ cursor: 10, limit: 10, search: "1990" }), (error) =>
    hasCode(error, "CURSOR_EXPIRED"),
  );
});

test("messages older than the limit go, and a cursor to them is told so", async (t) => {
  const bench = new ThreadBench(t);
  let time = 1_000;
  const writer = bench.open({
    clock: () => time,
    retention: { ageMs: 10_000, messages: 1e6, rawBytes: 1e6, textLength: 1e6 },
  });
  for (let number = 1; number <= 40; number++) {
    bench.fill(writer, number, number);
    time += 1_000;
  }
  const kept = await bench.all();
  assert.equal(kept.at(-1)?.seq, 40);
  assert.ok((kept[0]?.time ?? 0) >= time - 12_000, `${kept[0]?.time}`);
  await assert.rejects(bench.reader.page({ cursor: 3, limit: 5 }), (error) =>
    hasCode(error, "CURSOR_EXPIRED"),
  );
});

test("a search for no word and a page in two directions are refused", async (t) => {
  const bench = new ThreadBench(t);
  const refused = (error: unknown) => hasCode(error, "INVALID_INPUT");
  await assert.rejects(bench.reader.page({ limit: 1, search: "-> *" }), refused);
  await assert.rejects(bench.reader.page({ limit: 1, cursor: 1, before: 5 }), refused);
});

for (const [what, filter] of [
  ["a page", {}],
  ["a page of a pattern", { grep: "x" }],
] as const) {
  test(`${what} is bounded by its text, too, and pages before and behind it bring the rest`, async (t) => {
    const bench = new ThreadBench(t);
    const writer = bench.open();
    // Short and long ones: a page of so many messages begins at other places than one of so much text.
    const line = (number: number) => "x".repeat(number % 3 === 0 ? 10 : 60_000);
    for (let number = 1; number <= 60; number++) writer.append(Buffer.from(`${line(number)}\n`));
    writer.flush();
    const all = Array.from({ length: 60 }, (_, index) => index + 1);
    const request = { ...filter, limit: 50 };
    const first = await bench.reader.page({ ...request, cursor: 0 });
    assert.ok(first.messages.length > 10 && first.messages.length < 40, `${first.messages.length}`);
    assert.deepEqual(seqs(await forwards(bench, request)), all);
    assert.deepEqual(seqs(await backwards(bench, request)), all);
    let page = await bench.reader.page(request);
    const seen = seqs(page.messages);
    while (page.prev !== null) {
      page = await bench.reader.page({ ...request, cursor: page.prev });
      seen.unshift(...seqs(page.messages));
    }
    assert.deepEqual([...new Set(seen)], all);
  });
}

test("a thread of version 1 is read as it is, and turned into one of today by its next writer", async (t) => {
  const bench = new ThreadBench(t);
  const old = new DatabaseSync(bench.file);
  old.exec(`
    CREATE TABLE messages (seq INTEGER PRIMARY KEY, time INTEGER NOT NULL, kind TEXT NOT NULL, text TEXT NOT NULL, position INTEGER NOT NULL);
    CREATE TABLE chunks (offset INTEGER PRIMARY KEY, bytes BLOB NOT NULL);
    CREATE TABLE launches (number INTEGER PRIMARY KEY, launch_id TEXT NOT NULL UNIQUE, host_pid INTEGER NOT NULL,
      host_start TEXT NOT NULL, leader_pid INTEGER, leader_start TEXT, command TEXT NOT NULL, started_at INTEGER NOT NULL,
      first_seq INTEGER NOT NULL, first_offset INTEGER NOT NULL, rest TEXT NOT NULL DEFAULT '', exit_code INTEGER,
      exit_signal TEXT, ended_at INTEGER);
    INSERT INTO messages VALUES (7, 1, 'output', 'seven', 0), (8, 1, 'event', 'eight', 5), (9, 2, 'output', 'nine', 10);
    PRAGMA user_version = 1;`);
  old.close();
  assert.deepEqual(seqs(await bench.all(2)), [7, 8, 9]);
  const texts = (messages: readonly ThreadMessage[]) => messages.map(({ text }) => text);
  assert.deepEqual(texts((await bench.reader.page({ cursor: 6, limit: 5 })).messages), [
    "seven",
    "eight",
    "nine",
  ]);
  assert.deepEqual(texts((await bench.reader.page({ limit: 5, search: "nine" })).messages), ["nine"]);
  bench.reader.dispose();
  const writer = bench.open({ clock: () => 3 });
  writer.append(Buffer.from("ten\n"));
  writer.flush();
  const page = await bench.reader.page({ cursor: 6, limit: 5 });
  assert.deepEqual(
    [seqs(page.messages), texts(page.messages)],
    [
      [7, 8, 9, 10],
      ["seven", "eight", "nine", "ten"],
    ],
  );
  writer.close();
  assert.equal(indexedThrough(bench), 10);
});
