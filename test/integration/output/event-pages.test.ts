import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { readEvents } from "../../../daemon/output/event-pages.ts";
import type { ThreadReader } from "../../../daemon/threads/reader.ts";
import { hasCode } from "../../../shared/base/errors.ts";
import type { OutputEvent } from "../../../shared/model/output.ts";
import { recording } from "../../unit/output/samples.ts";
import { launchOf, ThreadBench } from "../../unit/threads/threads.ts";

const never = new AbortController().signal;
/** Long after everything was written, so that the last error counts as complete. */
const later = () => Date.now() + 60_000;

/** A page is no longer than its time, too: only all of them are the whole. */
async function paged(
  thread: ThreadReader,
  limits: readonly number[],
  kinds?: ReadonlySet<OutputEvent["kind"]>,
): Promise<OutputEvent[]> {
  const found: OutputEvent[] = [];
  for (let cursor = 0, round = 0; ; round++) {
    const limit = limits[round % limits.length] ?? 1;
    const page = await readEvents(thread, { cursor, limit, kinds }, later, never);
    found.push(...page.events);
    if (page.next === cursor) return found;
    cursor = page.next;
  }
}

test("pages of any size, one after another, are the whole, also where parts of a server speak at once", async (t) => {
  const bench = new ThreadBench(t);
  const writer = bench.open();
  writer.beginLaunch(launchOf("one"));
  const [web, api] = ["next-16.4.6-turbopack", "vite-8.3.8"].map((name) =>
    recording(name).flatMap(({ lines }) => lines.map(({ text }) => text)),
  );
  for (const [index, line] of (web ?? []).entries()) {
    writer.append(Buffer.from(`[web] ${line}\n`));
    if (api?.[index] !== undefined) writer.append(Buffer.from(`[api] ${api[index]}\n`));
  }
  writer.flush();
  const whole = await paged(bench.reader, [10_000]);
  assert.ok(whole.length > 30);
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 6 }),
      async (limits) => {
        assert.deepEqual(await paged(bench.reader, limits), whole);
      },
    ),
    { numRuns: 25 },
  );
  const last = await readEvents(bench.reader, { limit: 3 }, later, never);
  assert.deepEqual(last.events, whole.slice(-3));
  const errors = await paged(bench.reader, [5], new Set(["error"]));
  assert.deepEqual(
    errors,
    whole.filter(({ kind }) => kind === "error"),
  );
});

test("an error that may go on is no event yet, and comes whole", async (t) => {
  const bench = new ThreadBench(t);
  const writer = bench.open();
  writer.append(Buffer.from("⨯ ./app/page.js:3:9\n"));
  writer.flush();
  const now = () => Date.now();
  const first = await readEvents(bench.reader, { cursor: 0, limit: 10 }, now, never);
  assert.deepEqual(first, { events: [], next: 0 });
  writer.append(Buffer.from("Error: Unexpected token\n GET / 500 in 20ms\n"));
  writer.flush();
  const second = await readEvents(bench.reader, { cursor: first.next, limit: 10 }, now, never);
  const [error] = second.events;
  assert.equal(error?.kind === "error" && error.message, "Unexpected token");
  assert.equal(second.next, 3);
});

test("a cursor whose messages are gone says so", async (t) => {
  const bench = new ThreadBench(t);
  const writer = bench.open({ retention: { ageMs: 1e12, messages: 100, rawBytes: 1000, textLength: 1e6 } });
  for (let first = 1; first < 500; first += 50) bench.fill(writer, first, first + 49);
  await assert.rejects(readEvents(bench.reader, { cursor: 3, limit: 10 }, later, never), (error) =>
    hasCode(error, "CURSOR_EXPIRED"),
  );
});
