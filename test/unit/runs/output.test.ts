import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { type OutputPage, readBytes, readLines } from "../../../daemon/runs/output.ts";
import type { ThreadWriter } from "../../../daemon/threads/writer.ts";
import { launchOf, ThreadBench } from "../threads/threads.ts";

const exit = { code: 0, signal: null };

/** A thread with three executions; the middle one wrote `lines` lines of `width` characters. */
function prepare(t: TestContext, lines: number, width = 10, retention = {}) {
  const bench = new ThreadBench(t);
  const limits = { rawBytes: 16 * 1024 * 1024, messages: 200_000, textLength: 64 * 1024 * 1024 };
  const writer = bench.open({ retention: { ageMs: 1e12, ...limits, ...retention } });
  const execute = (launchId: string, write: (to: ThreadWriter) => void) => {
    writer.beginLaunch(launchOf(launchId));
    write(writer);
    writer.endLaunch(exit, "exited with code 0");
  };
  execute("before", (to) => to.append(Buffer.from("other\n")));
  const text = (index: number) => String(index).padEnd(width, ".");
  const middle = Array.from({ length: lines }, (_, index) => text(index));
  execute("middle", (to) => {
    for (let from = 0; from < lines; from += 50) {
      to.append(
        Buffer.from(
          middle
            .slice(from, from + 50)
            .join("\n")
            .concat("\n"),
        ),
      );
      to.flush();
    }
  });
  return { bench, middle, after: () => execute("after", (to) => to.append(Buffer.from("other\n"))) };
}

/** Reads to the end: a page that brings nothing. */
function readAll(read: (cursor: number | undefined) => OutputPage): OutputPage[] {
  const pages: OutputPage[] = [];
  for (let cursor: number | undefined; ; ) {
    const page = read(cursor);
    if (page.messages.length === 0 && page.data === "") return pages;
    pages.push(page);
    cursor = page.next;
  }
}

test("lines and bytes are those of one execution, also after the next one", (t) => {
  const { bench, middle, after } = prepare(t, 25);
  for (const when of ["as the last", "with another after it"]) {
    const pages = readAll((cursor) => readLines(bench.reader, "middle", cursor, 10));
    const output = pages.flatMap(({ messages }) => messages.filter(({ kind }) => kind === "output"));
    assert.deepEqual(
      output.map(({ text }) => text),
      middle,
      when,
    );
    const bytes = readAll((cursor) => readBytes(bench.reader, "middle", cursor));
    const raw = Buffer.concat(bytes.map(({ data }) => Buffer.from(data, "base64"))).toString();
    assert.equal(raw, middle.map((line) => `${line}\n`).join(""), when);
    if (when === "as the last") after();
  }
});

test("a page never grows beyond what one message may carry", (t) => {
  const { bench, middle } = prepare(t, 100, 60_000);
  const pages = readAll((cursor) => readLines(bench.reader, "middle", cursor, 5_000));
  assert.ok(pages.length > 1);
  for (const { messages } of pages)
    assert.ok(messages.reduce((sum, { text }) => sum + text.length, 0) <= 1024 * 1024);
  assert.equal(
    pages.flatMap(({ messages }) => messages).length,
    middle.length + 1,
    "and the event of the end",
  );
  const bytes = readAll((cursor) => readBytes(bench.reader, "middle", cursor));
  for (const { data } of bytes) assert.ok(Buffer.from(data, "base64").length <= 1024 * 1024);
});

test("what is no longer kept is counted, and reading goes on behind it", (t) => {
  const { bench } = prepare(t, 1_000, 10, { messages: 100, rawBytes: 1_000 });
  const [first] = readAll((cursor) => readLines(bench.reader, "middle", cursor, 5_000));
  assert.ok(first && first.skipped > 800, `${first?.skipped} skipped`);
  assert.equal(first.skipped + first.messages.length, 1_001);
});

test("an execution that hasn't written yet is empty", (t) => {
  const { bench } = prepare(t, 1);
  assert.deepEqual(readLines(bench.reader, "unknown", undefined, 10), {
    messages: [],
    data: "",
    next: 0,
    skipped: 0,
  });
  assert.equal(readBytes(bench.reader, "unknown", undefined).data, "");
});
