import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { BuildTracker } from "../../../daemon/output/build-tracker.ts";
import { OutputReader } from "../../../daemon/output/output-reader.ts";

/** As long as one message of a thread can be. */
const longest = 64 * 1024;
/** What is looked at of a line at least, in characters. */
const longestRead = 1_000;

/** Beginnings that each recogniser looks further into. */
const beginnings = [
  "⨯ ./",
  "⨯ ",
  "✓ Compiled ",
  "○ Compiling ",
  "⚠ ",
  "./",
  "[vite] (",
  "[vite] Internal server error: ",
  "VITE v",
  "GET /",
  "Android ",
  "a.ts:1:1 - error TS1: ",
  "a(",
  "ERROR in ",
  "WARNING in ",
  "[tsl] ERROR in ",
  "[api] npm exited with code ",
  "[vite] [vite] ",
  "packages/web dev: ",
  "packages/",
  "webpack ",
  "[watch] ",
  "✘ [ERROR] ",
  "Restarting '",
  "[",
  "web:",
  "    at ",
  "    at f (",
  "> 1 | ",
  "   ╭─[ ",
  "  File: ",
  "SyntaxError: ",
  'Unable to resolve "',
  "file:///",
  "/",
  "http://localhost",
  "Error: http://127.0.0.1:",
  "12:00:00 ",
  "12:00:00 [ERROR] ",
  "    ",
  "(node:1) ",
];
const fillers = [
  ":",
  "1",
  ":1",
  "a",
  "a:",
  "((",
  " (",
  "]",
  " ",
  "A",
  "▓",
  "░:1:1",
  "Error",
  "Error: ",
  "/a:1:1",
  ".",
  "[",
  "\\",
  "é",
  "at ",
];

describe("hostile output", () => {
  it("costs a reader little however it begins and however long it is", () => {
    const plain = timeOfWriting("x".repeat(longestRead));
    for (const begin of beginnings) {
      for (const filler of fillers) {
        const line = begin + filler.repeat(longest);
        const short = leastTimeOf(line.slice(0, longestRead), plain * 20 + 50);
        // Compared within this process, with room for a busy machine: what backtracks is hundreds of times slower.
        assert.ok(short < plain * 20 + 50, `${begin}${filler}… took ${short} ms`);
        const long = leastTimeOf(line.slice(0, longest), short * 10 + 50);
        assert.ok(long < short * 10 + 50, `${begin}${filler}… took ${long} ms in full length`);
      }
    }
  });

  it("keeps a reader's memory as it is: unfinished errors of ever new parts, a stack without end", () => {
    const reader = new OutputReader();
    const tracker = new BuildTracker();
    let signals = 0;
    for (let seq = 1; seq <= 60_000; seq++) {
      const texts = [
        `[part${seq}] ⨯ ./a${seq}.js:1:1`,
        `    at f${seq} (/srv/app/a.js:${seq}:1)`,
        `http://localhost:${1 + (seq % 65_000)}/`,
      ];
      for (const signal of reader.push([{ seq, time: seq, text: texts[seq % 3] ?? "" }])) {
        tracker.take(signal);
        signals++;
      }
      const pending = reader.pendingSince ?? seq;
      assert.ok(seq - pending <= 301, "what isn't finished is given up");
    }
    assert.ok(signals > 0);
    const { errors, errorCount } = tracker.view();
    assert.ok(errors.length <= 10);
    assert.ok(errorCount > 10);
    assert.ok(JSON.stringify(tracker.view()).length < 20_000);
  });

  it("cuts messages and stacks", () => {
    const reader = new OutputReader();
    const frames = Array.from({ length: 70 }, (_, index) => `    at f (/srv/app/a.js:${index + 1}:1)`);
    const texts = [`Error: ${"long ".repeat(10_000)}`, ...frames];
    const given = texts.map((text, index) => ({ seq: index + 1, time: 0, text }));
    const [error] = [...reader.push(given), ...reader.flush()];
    assert.ok(error?.kind === "error");
    assert.ok(error.message.length <= 500);
    assert.equal(error.stack.length, 20);
  });
});

/** How long a reader takes for ten of these lines, in milliseconds. */
function timeOf(text: string): number {
  const reader = new OutputReader();
  const given = Array.from({ length: 10 }, (_, index) => ({ seq: index + 1, time: index, text }));
  const begun = performance.now();
  reader.push(given);
  return performance.now() - begun;
}

/** The least time of a few runs, for other processes take turns; what is below the limit once is run no more. */
function leastTimeOf(text: string, limitMs: number): number {
  let least = Number.POSITIVE_INFINITY;
  for (let run = 0; run < 5 && least >= limitMs; run++) least = Math.min(least, timeOf(text));
  return least;
}

/** How long it takes to write down ten lines a thousand times each, which is linear, in milliseconds. */
function timeOfWriting(text: string): number {
  const begun = performance.now();
  let written = 0;
  for (let round = 0; round < 10_000; round++) written += JSON.stringify(text + round).length;
  assert.ok(written > 0);
  return performance.now() - begun;
}
