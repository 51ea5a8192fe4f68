import assert from "node:assert/strict";
import { test } from "node:test";
import { Modes } from "../../../../daemon/cli/attach/modes.ts";

const esc = "\u001b";
/** What is always undone: a string left open before, colours and line drawing after. */
const string = `${esc}\\`;
const colours = `${esc}(B${esc}[m`;

function undone(...output: string[]): string {
  const modes = new Modes();
  for (const piece of output) modes.read(piece);
  const undo = modes.undo();
  assert.ok(undo.startsWith(string) && undo.endsWith(colours), JSON.stringify(undo));
  return undo.slice(string.length, -colours.length).replaceAll(esc, "ESC");
}

const cases: [what: string, output: string, undo: string][] = [
  ["plain output", "ready in 300 ms\r\n", ""],
  ["mouse and bracketed paste", `${esc}[?1000;1006h${esc}[?2004h`, "ESC[?1000lESC[?1006lESC[?2004l"],
  ["a hidden cursor and no wrapping", `${esc}[?25l${esc}[?7l`, "ESC[?25hESC[?7h"],
  ["what the program itself undid", `${esc}[?25l${esc}[?2004h${esc}[?2004l${esc}[?25h`, ""],
  ["a cursor shown that was visible", `${esc}[?25h`, ""],
  ["the alternate screen, last", `${esc}[?1049h${esc}[?1000h`, "ESC[?1000lESC[?1049l"],
  ["a screen that was left", `${esc}[?1049h x ${esc}[?1049l`, ""],
  ["keypad and cursor keys", `${esc}=${esc}[?1h`, "ESC>ESC[?1l"],
  ["the keypad, undone", `${esc}=${esc}>`, ""],
  ["margins, without moving the cursor", `${esc}[2;10r`, "ESC7ESC[rESC8"],
  ["kitty's keys, as often as they were pushed", `${esc}[>1u${esc}[>5u${esc}[<u${esc}[>1u`, "ESC[<2u"],
  ["xterm's keys", `${esc}[>4;2m`, "ESC[>4m"],
  ["the cursor's shape", `${esc}[6 q`, "ESC[0 q"],
  ["everything before a full reset", `${esc}[?1049h${esc}[?25l${esc}c`, ""],
  ["colours and positions", `${esc}[31m${esc}[2J${esc}[4;5H`, ""],
];
for (const [what, output, undo] of cases) {
  test(`undoes ${what}`, () => assert.equal(undone(output), undo));
  test(`undoes ${what}, cut anywhere`, () => assert.equal(undone(...output), undo));
}

test("what was undone is not undone again", () => {
  const modes = new Modes();
  modes.read(`${esc}[?1049h`);
  assert.notEqual(modes.undo(), string + colours);
  assert.equal(modes.undo(), string + colours);
});
