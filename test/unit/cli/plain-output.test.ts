import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { PlainOutput } from "../../../daemon/cli/foreground/plain-output.ts";

const green = "\u001b[38;2;1;2;3m";

/** What comes out of pieces, and what a flush adds. */
function through(colours: boolean, ...pieces: (string | Buffer)[]): [string, string] {
  const plain = new PlainOutput(colours);
  const taken = pieces.map((piece) => plain.take(Buffer.from(piece))).join("");
  return [taken, plain.flush()];
}

describe("a terminal's output for a pipe", () => {
  it("is its lines, with colours only where they are wanted", () => {
    const text = `${green}a\u001b[39m b\r\nc\tü\r\n`;
    assert.deepEqual(through(false, text), ["a b\nc\tü\n", ""]);
    assert.deepEqual(through(true, text), [`${green}a\u001b[39m b\nc\tü\n`, ""]);
  });

  it("leaves out what moves the cursor, clears the screen or names the window", () => {
    const text = "\u001b[2J\u001b[3J\u001b[Ha\u001b]0;title\u0007\u001b[1A\u001b[?25lb\u0007\r\n";
    assert.deepEqual(through(true, text), ["ab\n", ""]);
  });

  it("keeps of a line that was written over what was written last", () => {
    assert.deepEqual(through(false, "10 %\r", "50 %\r", "done\r\n"), ["done\n", ""]);
  });

  it("may be cut anywhere, also in a character or a sequence", () => {
    const whole = Buffer.from(`${green}grüße\u001b[39m\r\n\u001b]0;t\u001b\\x\r\n`);
    for (let at = 1; at < whole.length; at++) {
      const pieces = [whole.subarray(0, at), whole.subarray(at)];
      assert.deepEqual(through(false, ...pieces), ["grüße\nx\n", ""], `cut at ${at}`);
    }
  });

  it("gives a line that doesn't end when asked, once, without half a sequence", () => {
    const plain = new PlainOutput(true);
    assert.equal(plain.take(Buffer.from(`Use 3001? ${green.slice(0, 6)}`)), "");
    assert.equal(plain.flush(), "Use 3001? ");
    assert.equal(plain.flush(), "");
    assert.equal(plain.take(Buffer.from(`${green.slice(6)}(y/n)\r\n`)), `${green}(y/n)\n`);
  });

  it("doesn't hold a line back for ever", () => {
    const [taken] = through(false, "x".repeat(200_000));
    assert.equal(taken.length, 200_000);
  });
});
