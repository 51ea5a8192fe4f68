import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { ThreadWriter } from "../../../daemon/threads/writer.ts";
import { launchOf, ThreadBench } from "./threads.ts";

const linesOfPiece = 3_000;
/** So many pieces are a flood for longer than any answer of its background thread is waited for here: some 9 MB. */
const flood = 36;
const lineOf = (number: number) => `${String(number).padStart(9, "0")} ${"x".repeat(70)}`;

/** Some 250 KB of numbered lines. */
function piece(index: number): Buffer {
  const lines = Array.from({ length: linesOfPiece }, (_, line) => lineOf(index * linesOfPiece + line + 1));
  return Buffer.from(`${lines.join("\r\n")}\r\n`);
}

/** By a clock that stands still any machine is fast enough for a flood. */
const inNoTime = { monotonic: () => 0 };

/** Writes pieces as fast as the writer takes them. */
async function pour(writer: ThreadWriter, from: number, to: number): Promise<void> {
  for (let index = from; index < to; index++) {
    if (writer.append(piece(index))) await nextTurn();
    else await new Promise<void>((resolve) => writer.onDrained(resolve));
  }
}

test("a flood is all there in its order, with the events between it, after a flush", async (t) => {
  const bench = new ThreadBench(t);
  const writer = bench.open(inNoTime);
  writer.beginLaunch(launchOf("first"));
  await pour(writer, 0, flood);
  writer.event("half-way");
  await pour(writer, flood, 2 * flood);
  writer.append(Buffer.from("unfinished"));
  writer.flush();
  assert.equal(bench.reader.lastSeq(), 2 * flood * linesOfPiece + 1);
  const all = await bench.all(5_000);
  let number = 0;
  for (const { kind, text } of all) {
    if (kind === "output") assert.equal(text, lineOf(++number));
    else assert.deepEqual([text, number], ["half-way", flood * linesOfPiece]);
  }
  assert.equal(number, 2 * flood * linesOfPiece);
  const raw = bench.reader.scrollback(100).toString();
  assert.ok(raw.endsWith("x\r\nunfinished"), raw);
  // Another host finds the line that this one had begun.
  writer.close();
  bench.open().beginLaunch(launchOf("second"));
  assert.equal(bench.reader.tail(1)[0]?.text, "unfinished");
});

test("the end of a launch comes after the flood before it", async (t) => {
  const bench = new ThreadBench(t);
  const writer = bench.open(inNoTime);
  writer.beginLaunch(launchOf("first"));
  await pour(writer, 0, flood);
  writer.endLaunch({ code: 0, signal: null }, "exited with code 0");
  const tail = bench.reader.tail(2).map(({ text }) => text);
  assert.deepEqual(tail, [lineOf(flood * linesOfPiece), "exited with code 0"]);
  assert.deepEqual(bench.reader.launch("first")?.end?.exit, { code: 0, signal: null });
});

test("a flood into a file that is locked for a while loses nothing but what it says, and repeats nothing", async (t) => {
  const bench = new ThreadBench(t);
  const problems: string[] = [];
  const writer = bench.open({ ...inNoTime, onProblem: (problem) => void problems.push(problem) });
  await pour(writer, 0, flood);
  const other = new DatabaseSync(bench.file, { timeout: 5_000 });
  other.exec("BEGIN IMMEDIATE");
  const pouring = pour(writer, flood, 2 * flood);
  while (problems.length === 0) await nextTurn();
  other.exec("ROLLBACK");
  other.close();
  await pouring;
  writer.close();
  assert.match(problems.join(), /can't be written/);
  const said = { lines: 0, lostBytes: 0 };
  let last = 0;
  for (const { kind, text } of await bench.all(5_000)) {
    if (kind === "event") said.lostBytes += Number(/^(\d+) bytes of output/.exec(text)?.[1] ?? 0);
    else {
      const number = Number(text.slice(0, 9));
      assert.ok(number > last && text === lineOf(number), `${text} after ${lineOf(last)}`);
      last = number;
      said.lines++;
    }
  }
  const lostLines = said.lostBytes / `${lineOf(1)}\r\n`.length;
  assert.equal(said.lines + lostLines, 2 * flood * linesOfPiece);
});

/** A thread that writes in the background, and after so many answers no longer tells what it did. */
function sabotaged(then: "dies" | "is silent", answers: number) {
  const worker = new URL("./sabotaged-worker.ts", import.meta.url);
  worker.search = new URLSearchParams({ then, answers: String(answers) }).toString();
  return { ...inNoTime, background: { worker, settleMs: 300 } };
}

/** How many writers are let in no more. */
function shutOut(file: string): number {
  const database = new DatabaseSync(file, { readOnly: true });
  const row = database.prepare("SELECT count(*) AS count FROM arrivals WHERE number = -1").get();
  database.close();
  return Number(row?.["count"]);
}

for (const then of ["dies", "is silent"] as const) {
  test(`what a background thread wrote before it ${then} is there once, and what it didn't write, too`, async (t) => {
    for (const answers of [0, 1, 2, 5, 11]) {
      const bench = new ThreadBench(t);
      const writer = bench.open(sabotaged(then, answers));
      writer.beginLaunch(launchOf("first"));
      // A reader that needs all of it waits until the silent one is given up.
      const needed = setInterval(() => writer.flush(), 100);
      await pour(writer, 0, flood).finally(() => clearInterval(needed));
      writer.append(Buffer.from("unfinished"));
      writer.flush();
      const texts = (await bench.all(5_000)).map(({ text }) => text);
      const wrong = texts.findIndex((text, index) => text !== lineOf(index + 1));
      assert.equal(wrong, -1, `${answers} answers: line ${wrong + 1} of ${texts.length} is ${texts[wrong]}`);
      assert.equal(texts.length, flood * linesOfPiece);
      const raw = bench.reader.scrollback(100).toString();
      assert.ok(raw.endsWith("x\r\nunfinished"), raw);
      assert.ok(shutOut(bench.file) > 0, "it did fall out");
    }
  });
}

test("a flood is all there where an upgrade took away the file of the background thread", async (t) => {
  const bench = new ThreadBench(t);
  const problems: string[] = [];
  const gone = new URL("./gone-with-an-upgrade.js", import.meta.url);
  const background = { worker: gone, settleMs: 300 };
  const writer = bench.open({ ...inNoTime, background, onProblem: (problem) => void problems.push(problem) });
  writer.beginLaunch(launchOf("first"));
  await pour(writer, 0, flood);
  writer.flush();
  const texts = (await bench.all(5_000)).map(({ text }) => text);
  assert.equal(texts.length, flood * linesOfPiece, problems.join());
  assert.equal(
    texts.findIndex((text, index) => text !== lineOf(index + 1)),
    -1,
  );
});
