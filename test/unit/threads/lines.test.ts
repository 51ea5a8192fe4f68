import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { gatherBlocks, textsOf } from "../../../daemon/threads/blocks.ts";
import { countWhole, finishLine, LineReader, maxMessageLength } from "../../../daemon/threads/lines.ts";
import { renderLine } from "../../../daemon/threads/render.ts";

/** All lines of these pieces, the unfinished one included. */
function linesOf(pieces: readonly Uint8Array[]): string[] {
  const reader = new LineReader();
  return [...pieces.flatMap((piece) => reader.push(piece)), ...reader.end()];
}

const bytes = (text: string) => Buffer.from(text);

for (const [what, written, seen] of [
  ["colours vanish", "\u001b[32m✓\u001b[39m ready", "✓ ready"],
  ["a hyperlink leaves its text", "\u001b]8;;http://x\u0007link\u001b]8;;\u0007", "link"],
  ["a progress bar shows its last state", " 10%\r 50%\r100%", "100%"],
  ["a shorter text overwrites only what it covers", "abcdef\rxy", "xycdef"],
  ["a line erased before it is written again is gone", "building…\u001b[2K\u001b[1Gdone", "done"],
  ["erasing to the end of the line cuts the rest off", "long text\r\u001b[Kshort", "short"],
  ["a backspace takes a character back", "abc\b\bX", "aXc"],
  ["moving right leaves blanks", "a\u001b[3Cb", "a   b"],
  ["a bell and a zero byte vanish", "a\u0007\u0000b", "ab"],
  ["a tab stays", "a\tb", "a\tb"],
  ["a line's own carriage return is no overwrite", "text\r", "text"],
  ["an absurd column costs no memory", "\u001b[999999999Gx", `${" ".repeat(4096)}x`],
] as const) {
  test(`on a rendered line ${what}`, () => {
    assert.equal(renderLine(written), seen);
  });
}

test("a line costs its length, whatever it erases and wherever it moves", { timeout: 60_000 }, () => {
  for (const round of [
    "x\x1b[2K",
    "x\x1b[1K",
    "\rx\x1b[4096G\x1b[1K",
    "\r\x1b[K\x1b[4096Gx",
    "\x1b[2K\x1b[4096Gx",
  ]) {
    const line = renderLine(round.repeat(1_000_000 / round.length));
    assert.ok(line.length <= 1_000_000 / round.length + 4096, JSON.stringify(round));
  }
});

test("the empty lines of a cleared screen are none, others are", () => {
  const cleared = `ready\r\n${"\r\n".repeat(28)}\u001b[1;1H\u001b[0J[vite] page reload\r\n\r\nnext\r\n`;
  assert.deepEqual(linesOf([bytes(cleared)]), ["ready", "[vite] page reload", "", "next"]);
  assert.deepEqual(linesOf([bytes("a\n\n\n")]), ["a", "", ""], "also where the output ends with them");
});

test("frames of a spinner are no lines, what it leaves behind is one", () => {
  const frames = ["⠋", "⠙", "⠹"].map(
    (dot) => `\u001b[2K\u001b[1A\u001b[2K\u001b[G\u001b[33m${dot}\u001b[39m Building...\r\n`,
  );
  const written = `⠏ Building...\r\n${frames.join("\u001b[?2026l\u001b[?2026h")}\u001b[2K\u001b[1A\u001b[G✔ Building...\r\ndone\r\n`;
  assert.deepEqual(linesOf([bytes(written)]), ["✔ Building...", "done"]);
  assert.deepEqual(linesOf([bytes("⠋ no spinner\nnext\n")]), ["⠋ no spinner", "next"]);
});

test("what may be overwritten is held back up to a bound, and costs its length", { timeout: 60_000 }, () => {
  for (const [round, kept] of [
    ["\n", 1_000_000],
    ["\u001b[0m\r\n", 200_000],
    ["⠋\n", 200_000],
  ] as const) {
    const reader = new LineReader();
    const pieces = Array.from({ length: 10 }, () => bytes(round.repeat(kept / 10)));
    const before = pieces.reduce((sum, piece) => sum + reader.push(piece).length, 0);
    assert.equal(before + reader.end().length, kept, JSON.stringify(round));
  }
});

test("text comes out the same however its bytes were split", () => {
  const frame = "\u001b[2K\u001b[1A\u001b[2K\u001b[G\u001b[33m⠙\u001b[39m Building...\r\n";
  const units = [
    "a",
    "ß",
    "€",
    "😀",
    "\n",
    "\r\n",
    "\u001b[31m",
    "\t",
    "⠋",
    "\u001b[1;1H",
    "\u001b[1A",
    frame,
  ];
  const text = fc.string({ unit: fc.constantFrom(...units) });
  fc.assert(
    fc.property(text, fc.array(fc.nat(200)), (written, cuts) => {
      const whole = bytes(written);
      const places = [...new Set([0, ...cuts.map((cut) => Math.min(cut, whole.length)), whole.length])].sort(
        (a, b) => a - b,
      );
      const pieces = places.slice(1).map((end, index) => whole.subarray(places[index], end));
      assert.deepEqual(linesOf(pieces), linesOf([whole]));
    }),
    { numRuns: 2_000, examples: [[`\n${frame}`, [1]]] },
  );
});

test("lines left to another come out as if they had been rendered at once, whatever the bytes and their pieces", () => {
  const part = fc.oneof(
    fc.constantFrom("a", "ß", "€", "😀", "\n", "\n\n", "\r\n", "50%\r", "\u001b[31m", "\ufeff").map(bytes),
    fc.uint8Array({ maxLength: 3 }).map((odd) => Buffer.from(odd)),
    fc.constantFrom(maxMessageLength, maxMessageLength + 1).map((length) => bytes("x".repeat(length))),
    fc.constantFrom("\n", "short\r\n", `${"y".repeat(100)}\n`).map((line) => bytes(line.repeat(1_500))),
  );
  const piece = fc.array(part, { maxLength: 12 }).map((parts) => Buffer.concat(parts));
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
      const reader = new LineReader();
      const taken = pieces.flatMap((one) => {
        const { before, whole, after } = reader.take(one);
        assert.equal(countWhole(whole), Buffer.from(whole).toString("latin1").split("\n").length - 1);
        const lines = whole.length > 0 ? { lines: whole } : {};
        const blocks = gatherBlocks([
          { time: 1, kind: "output", texts: before, ...lines },
          { time: 1, kind: "output", texts: after },
        ]);
        for (const { count, text } of blocks) assert.ok(count === 1 || text.length <= 64 * 1024);
        return blocks.flatMap(textsOf);
      });
      assert.deepEqual([...taken, ...reader.end()], linesOf(pieces));
    }),
    { numRuns: 500 },
  );
});

test("bytes that aren't UTF-8 become replacement characters and disturb nothing after them", () => {
  const lines = linesOf([Buffer.from([0x61, 0xff, 0xfe, 0x62, 0x0a]), bytes("next\n")]);
  assert.deepEqual(lines, ["a\ufffd\ufffdb", "next"]);
});

test("a character cut off by the end of the output is not lost silently", () => {
  assert.deepEqual(linesOf([bytes("a€").subarray(0, 3)]), ["a\ufffd"]);
});

test("a long line becomes several messages without breaking a character, whatever the pieces", () => {
  const line = "😀".repeat(100_000);
  for (const size of [1000, 65_537, 500_000]) {
    const whole = bytes(`${line}\nafter`);
    const pieces = Array.from({ length: Math.ceil(whole.length / size) }, (_, index) =>
      whole.subarray(index * size, (index + 1) * size),
    );
    const lines = linesOf(pieces);
    assert.equal(lines.at(-1), "after");
    assert.equal(lines.slice(0, -1).join(""), line);
    assert.ok(lines.every((text) => text.length <= maxMessageLength));
    assert.ok(lines.every((text) => !text.includes("\ufffd")));
  }
});

test("an unfinished line of any length is held in bounded memory", () => {
  const reader = new LineReader();
  for (let index = 0; index < 100; index++) {
    reader.push(bytes("x".repeat(50_000)));
    assert.ok(reader.rest.length <= maxMessageLength);
  }
});

test("a progress bar that never ends its line becomes one message, not thousands", () => {
  const reader = new LineReader();
  const lines: string[] = [];
  for (let percent = 0; percent < 20_000; percent++) {
    lines.push(...reader.push(bytes(`\r[${"#".repeat(40)}] ${String(percent).padStart(6)}`)));
  }
  lines.push(...reader.push(bytes("\n")));
  assert.deepEqual(lines, [`[${"#".repeat(40)}]  19999`]);
});

test("the unfinished line of a killed host is rendered like any other", () => {
  assert.deepEqual(finishLine("half\rHALF a line"), ["HALF a line"]);
  assert.deepEqual(finishLine(""), []);
});
