import assert from "node:assert/strict";
import { it } from "node:test";
import { handOn } from "../../../daemon/cli/foreground/piped-input.ts";

/** What is taken of these bytes, which come in pieces of so many. */
async function taken(text: string, at: number, take = async (_: string) => {}): Promise<string[]> {
  const bytes = Buffer.from(text);
  const pieces: string[] = [];
  async function* input() {
    for (let from = 0; from < bytes.length; from += at) yield bytes.subarray(from, from + at);
  }
  await handOn(input(), async (piece) => {
    await take(piece);
    pieces.push(piece);
  });
  return pieces;
}

it("hands on all of it in order, in pieces that a request takes, and cuts no character", async () => {
  const text = `r\n${"🦊ä".repeat(300)}\u0003`;
  for (const at of [1, 3, 64, 5_000]) {
    const pieces = await taken(text, at);
    assert.equal(pieces.join(""), text);
    for (const piece of pieces) {
      assert.ok(piece.length <= 100, String(piece.length));
      assert.equal(piece.isWellFormed(), true);
    }
  }
});

it("reads no more once nothing takes it, and doesn't fail", async () => {
  let asked = 0;
  const refuse = async () => {
    asked += 1;
    throw new Error("It ended.");
  };
  assert.deepEqual(await taken("abc", 1, refuse), []);
  assert.equal(asked, 1);
});
