import assert from "node:assert/strict";
import { statSync, truncateSync, writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { launchOf, ThreadBench } from "./threads.ts";

test("output and events are in the order they came, each line one message", async (t) => {
  const bench = new ThreadBench(t);
  const writer = bench.open();
  writer.append(Buffer.from("one\r\ntw"));
  writer.event("something happened");
  writer.append(Buffer.from("o\r\n"));
  writer.flush();
  const messages = await bench.all();
  assert.deepEqual(
    messages.map(({ seq, kind, text }) => [seq, kind, text]),
    [
      [1, "output", "one"],
      [2, "event", "something happened"],
      [3, "output", "two"],
    ],
  );
});

test("output is committed by itself within moments", async (t) => {
  const bench = new ThreadBench(t);
  const writer = bench.open();
  const wrote = new Promise((resolve) => writer.onWrote(resolve));
  writer.append(Buffer.from("hello\n"));
  assert.equal(await wrote, 1);
  assert.equal(bench.reader.tail(1)[0]?.text, "hello");
});

test("the sequence grows by one over launches, restarts and several writers at once", async (t) => {
  const bench = new ThreadBench(t);
  for (let round = 0; round < 3; round++) {
    const [one, two] = [bench.open(), bench.open()];
    bench.fill(one, 1, 3);
    bench.fill(two, 1, 3);
    one.event("again");
    one.close();
    two.close();
  }
  const messages = await bench.all();
  assert.deepEqual(
    messages.map(({ seq }) => seq),
    Array.from({ length: 21 }, (_, index) => index + 1),
  );
});

test("a launch is recorded with its processes, its end and where its output begins", async (t) => {
  const bench = new ThreadBench(t);
  const writer = bench.open({ clock: () => 5_000 });
  bench.fill(writer, 1, 2);
  writer.beginLaunch(launchOf("first"));
  assert.equal(bench.reader.launch("first")?.leader, undefined);
  writer.recordLeader({ pid: 11, startTime: "boot:2" });
  writer.append(Buffer.from("unfinished"));
  writer.endLaunch({ code: 1, signal: null }, "exited with code 1");
  const launch = bench.reader.launch("first");
  assert.deepEqual(launch, {
    ...launchOf("first"),
    leader: { pid: 11, startTime: "boot:2" },
    firstSeq: 3,
    firstOffset: 16,
    end: { exit: { code: 1, signal: null }, endedAt: 5_000 },
  });
  assert.deepEqual(bench.reader.lastLaunch(), launch);
  assert.equal(bench.reader.launch("other"), undefined);
  const texts = bench.reader.tail(10, launch?.firstSeq).map(({ text }) => text);
  assert.deepEqual(texts, ["unfinished", "exited with code 1"]);
  assert.equal(bench.reader.scrollback(1000, launch?.firstOffset).toString(), "unfinished");
});

test("an unfinished line survives its writer and comes first in the next launch", async (t) => {
  const bench = new ThreadBench(t);
  const killed = bench.open();
  killed.beginLaunch(launchOf("first"));
  killed.append(Buffer.from("last words"));
  killed.flush();
  const next = bench.open();
  next.beginLaunch(launchOf("second"));
  bench.fill(next, 1, 1);
  next.beginLaunch(launchOf("third"));
  assert.deepEqual(
    (await bench.all()).map(({ text }) => text),
    ["last words", "line 1"],
  );
  assert.equal(bench.reader.launch("second")?.firstSeq, 2);
});

test("the writer asks to pause, never holds more than a few batches, and says when to go on", async (t) => {
  const bench = new ThreadBench(t);
  const writer = bench.open();
  const piece = Buffer.alloc(64 * 1024, `${"x".repeat(1023)}\n`);
  let accepted = 0;
  while (writer.append(piece)) accepted++;
  assert.ok(accepted < 8, "asks to pause after 256 KiB");
  await new Promise<void>((resolve) => writer.onDrained(resolve));
  // A caller that doesn't listen is made to wait instead of filling memory: everything is committed by and by.
  for (let index = 0; index < 64; index++) writer.append(piece);
  writer.flush();
  assert.equal(bench.reader.lastSeq(), ((accepted + 1 + 64) * piece.length) / 1024);
});

test("messages and raw output are kept up to their limits, and the newest always are", async (t) => {
  const bench = new ThreadBench(t);
  const writer = bench.open({
    retention: { ageMs: 1e12, messages: 1000, rawBytes: 10_000, textLength: 1_000_000 },
  });
  for (let round = 0; round < 30; round++) bench.fill(writer, round * 100 + 1, round * 100 + 100);
  const kept = await bench.all();
  assert.equal(kept.at(-1)?.text, "line 3000");
  assert.ok(kept.length >= 1000 && kept.length <= 1100, `${kept.length}`);
  const raw = bench.reader.scrollback(1_000_000);
  assert.ok(raw.length > 9_000 && raw.length < 13_000, `${raw.length}`);
  assert.ok(raw.toString().endsWith("line 2999\r\nline 3000\r\n"));
});

test("very long lines are dropped by their size", async (t) => {
  const bench = new ThreadBench(t);
  const writer = bench.open({
    retention: { ageMs: 1e12, messages: 1000, rawBytes: 1000, textLength: 100_000 },
  });
  for (let round = 0; round < 100; round++) {
    writer.append(Buffer.from(`${"x".repeat(9_999)}\n`));
    writer.flush();
  }
  const kept = await bench.all();
  const length = kept.reduce((sum, { text }) => sum + text.length, 0);
  assert.ok(length >= 90_000 && length <= 110_000, `${length}`);
  assert.equal(kept.at(-1)?.seq, 100);
});

test("the files are the user's own", (t) => {
  const bench = new ThreadBench(t);
  bench.fill(bench.open(), 1, 1);
  for (const suffix of ["", "-wal", "-shm"]) assert.equal(statSync(bench.file + suffix).mode & 0o777, 0o600);
});

for (const [what, name, told, damage] of [
  [
    "garbage",
    "damaged",
    /damaged .* set aside as .*thread\.db\.damaged/,
    (file: string) => writeFileSync(file, "this is not a database at all, is it? ".repeat(100)),
  ],
  [
    "a later version's format",
    "later",
    /^Earlier output is in .*thread\.db\.later: it was written by a later version/,
    (file: string) => new DatabaseSync(file).exec("PRAGMA user_version = 99; PRAGMA application_id = 50"),
  ],
] as const) {
  test(`${what} in the thread's file is set aside and told, and the thread goes on`, async (t) => {
    const bench = new ThreadBench(t);
    damage(bench.file);
    const problems: string[] = [];
    const writer = bench.open({ onProblem: (problem) => problems.push(problem) });
    bench.fill(writer, 1, 1);
    assert.match(problems.join(), told);
    const texts = (await bench.all()).map(({ text }) => text);
    assert.match(texts[0] ?? "", told);
    assert.equal(texts[1], "line 1");
    assert.ok(statSync(`${bench.file}.${name}`).size > 0);
  });
}

test("a later version's thread that this version can use goes on, and stays the later one's", async (t) => {
  const bench = new ThreadBench(t);
  const later = bench.open();
  bench.fill(later, 1, 3);
  later.close();
  new DatabaseSync(bench.file).exec("PRAGMA user_version = 99; CREATE TABLE of_later (one INTEGER)");
  const problems: string[] = [];
  const writer = bench.open({ onProblem: (problem) => problems.push(problem) });
  bench.fill(writer, 4, 5);
  assert.deepEqual(problems, []);
  const texts = (await bench.all()).map(({ text }) => text);
  assert.deepEqual(texts, ["line 1", "line 2", "line 3", "line 4", "line 5"]);
  const version = new DatabaseSync(bench.file).prepare("PRAGMA user_version").get();
  assert.equal(version?.["user_version"], 99);
});

test("a file cut off is set aside, and the sequence goes on where it can still be read", async (t) => {
  const bench = new ThreadBench(t);
  const first = bench.open();
  bench.fill(first, 1, 5000);
  first.close();
  truncateSync(bench.file, statSync(bench.file).size - 3 * 8192);
  const writer = bench.open();
  bench.fill(writer, 1, 1);
  const page = await bench.reader.page({ limit: 10 });
  assert.equal(page.messages.at(-1)?.text, "line 1");
  assert.ok((page.messages.at(-1)?.seq ?? 0) >= 2);
});
