import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { hasCode } from "../../../shared/base/errors.ts";
import { launchOf, ThreadBench } from "./threads.ts";

const texts = (messages: readonly { text: string }[]) => messages.map(({ text }) => text);

test("a thread that doesn't exist is empty, and is found once it exists", async (t) => {
  const bench = new ThreadBench(t);
  assert.deepEqual(await bench.reader.page({ limit: 10 }), { messages: [], next: 0, prev: null });
  assert.deepEqual(await bench.reader.page({ cursor: 5, limit: 10 }), { messages: [], next: 5, prev: null });
  assert.deepEqual(bench.reader.tail(5), []);
  assert.equal(bench.reader.lastLaunch(), undefined);
  assert.equal(bench.reader.scrollback(100).length, 0);
  bench.fill(bench.open(), 1, 1);
  assert.deepEqual(texts(bench.reader.tail(5)), ["line 1"]);
});

test("without a cursor the last messages come; with 0 the oldest; prev leads backwards to the oldest", async (t) => {
  const bench = new ThreadBench(t);
  bench.fill(bench.open(), 1, 25);
  const last = await bench.reader.page({ limit: 10 });
  assert.deepEqual([last.messages[0]?.seq, last.next, last.prev], [16, 25, 5]);
  const middle = await bench.reader.page({ cursor: last.prev ?? -1, limit: 10 });
  assert.deepEqual([middle.messages[0]?.seq, middle.next, middle.prev], [6, 15, 0]);
  const first = await bench.reader.page({ cursor: 0, limit: 10 });
  assert.deepEqual([first.messages[0]?.seq, first.next, first.prev], [1, 10, null]);
  const end = await bench.reader.page({ cursor: 25, limit: 10 });
  assert.deepEqual([end.messages, end.next, end.prev], [[], 25, 15]);
});

test("a cursor whose messages are gone says so and names the oldest that works", async (t) => {
  const bench = new ThreadBench(t);
  const writer = bench.open({ retention: { ageMs: 1e12, messages: 100, rawBytes: 1000, textLength: 1e6 } });
  for (let first = 1; first < 500; first += 50) bench.fill(writer, first, first + 49);
  const oldest = (await bench.reader.page({ cursor: 0, limit: 1 })).messages[0]?.seq ?? 0;
  assert.ok(oldest > 300);
  for (const grep of [undefined, "line"]) {
    const request = { limit: 10, ...(grep ? { grep } : {}) };
    await assert.rejects(bench.reader.page({ cursor: 5, ...request }), (error) => {
      assert.ok(hasCode(error, "CURSOR_EXPIRED"));
      assert.deepEqual(error.data, { cursor: 5, oldest: oldest - 1 });
      return true;
    });
    const page = await bench.reader.page({ cursor: oldest - 1, ...request });
    assert.equal(page.messages[0]?.seq, oldest);
  }
});

test("with a pattern, paging neither loops nor skips, forwards and backwards", async (t) => {
  const bench = new ThreadBench(t);
  bench.fill(bench.open(), 1, 5000);
  const expected = Array.from({ length: 50 }, (_, index) => `line ${(index + 1) * 100}`);
  assert.deepEqual(texts(await bench.all(7, 0, "00$")), expected);
  const last = await bench.reader.page({ limit: 3, grep: "00$" });
  assert.deepEqual(texts(last.messages), expected.slice(-3));
  assert.equal(last.next, 5000);
  const before = await bench.reader.page({ cursor: last.prev ?? -1, limit: 3, grep: "00$" });
  assert.deepEqual(texts(before.messages), expected.slice(-6, -3));
  const none = await bench.reader.page({ cursor: 10, limit: 3, grep: "nothing like it" });
  assert.deepEqual(none, { messages: [], next: 5000, prev: null });
});

test("a bad pattern is refused, also for an empty thread; one that would take for ever elsewhere finds nothing", async (t) => {
  const bench = new ThreadBench(t);
  const refused = (error: unknown) => hasCode(error, "INVALID_INPUT");
  await assert.rejects(bench.reader.page({ limit: 1, grep: "(" }), refused);
  const writer = bench.open();
  writer.append(Buffer.from(`${"a".repeat(60)}!\n`));
  writer.flush();
  assert.deepEqual((await bench.reader.page({ limit: 1, grep: "^(a+)+$" })).messages, []);
});

test("a search can be cancelled", async (t) => {
  const bench = new ThreadBench(t);
  bench.fill(bench.open(), 1, 1);
  const reason = new Error("enough");
  const page = bench.reader.page({ limit: 1, grep: "x" }, AbortSignal.abort(reason));
  await assert.rejects(page, reason);
});

test("a file that can't be read is an error, never an empty page", async (t) => {
  const bench = new ThreadBench(t);
  const { writeFileSync } = await import("node:fs");
  writeFileSync(bench.file, "garbage ".repeat(1000));
  await assert.rejects(bench.reader.page({ limit: 1 }), (error) => hasCode(error, "STORE_UNAVAILABLE"));
  assert.throws(
    () => bench.reader.tail(1),
    (error) => hasCode(error, "STORE_UNAVAILABLE"),
  );
  bench.fill(bench.open(), 1, 1);
  assert.equal(bench.reader.tail(1)[0]?.text, "line 1");
});

test("scrollback that is cut off begins behind a line feed", (t) => {
  const bench = new ThreadBench(t);
  const writer = bench.open();
  writer.beginLaunch(launchOf("one"));
  bench.fill(writer, 1, 1000);
  assert.equal(bench.reader.scrollback(25).toString(), "line 999\r\nline 1000\r\n");
  assert.ok(bench.reader.scrollback(1e6).toString().startsWith("line 1\r\n"));
});

test("the pages of every reader, one after another, are what was written, whatever is appended between", async () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant("write" as const), lines: fc.integer({ min: 1, max: 40 }) }),
    fc.record({ kind: fc.constant("event" as const) }),
    fc.record({ kind: fc.constant("reopen" as const) }),
    fc.record({
      kind: fc.constant("read" as const),
      reader: fc.nat(2),
      limit: fc.integer({ min: 1, max: 30 }),
    }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const bench = new ThreadBench();
      try {
        const written: string[] = [];
        const readers = Array.from({ length: 3 }, () => ({ cursor: 0, read: [] as string[] }));
        const advance = async (index: number, limit: number) => {
          const reader = readers[index];
          if (!reader) return 0;
          const page = await bench.reader.page({ cursor: reader.cursor, limit });
          reader.cursor = page.next;
          reader.read.push(...texts(page.messages));
          return page.messages.length;
        };
        let writer = bench.open();
        for (const taken of steps) {
          if (taken.kind === "read") await advance(taken.reader, taken.limit);
          else if (taken.kind === "reopen") {
            writer.close();
            writer = bench.open();
          } else if (taken.kind === "event") {
            written.push(`event ${written.length}`);
            writer.event(`event ${written.length - 1}`);
          } else {
            const from = written.length;
            for (let index = 0; index < taken.lines; index++) written.push(`line ${from + index}`);
            writer.append(
              Buffer.from(
                written
                  .slice(from)
                  .map((line) => `${line}\r\n`)
                  .join(""),
              ),
            );
            if (taken.lines % 2 === 0) writer.flush();
          }
        }
        writer.flush();
        for (const [index, reader] of readers.entries()) {
          while ((await advance(index, 7)) > 0);
          assert.deepEqual(reader.read, written);
        }
      } finally {
        bench.dispose();
      }
    }),
    { numRuns: 25 },
  );
});
