import assert from "node:assert/strict";
import { test } from "node:test";
import { isAnswer } from "../../../daemon/host/answers.ts";

const esc = "\u001b";

for (const [what, input] of [
  ["where the cursor is", `${esc}[24;80R`],
  ["that it is well", `${esc}[0n`],
  ["what it is", `${esc}[?62;22c${esc}[>1;10;0c`],
  ["its size", `${esc}[8;24;80t`],
  ["a mode", `${esc}[?2026;2$y`],
  ["how keys come", `${esc}[?1u`],
  ["its background", `${esc}]11;rgb:1e1e/1e1e/1e1e${esc}\\`],
  ["its name", `${esc}P>|xterm(390)${esc}\\`],
  ["its focus", `${esc}[I${esc}[O`],
] as const) {
  test(`a terminal telling ${what} is no user typing`, () => assert.equal(isAnswer(input), true));
}

for (const [what, input] of [
  ["a letter", "c"],
  ["Escape", esc],
  ["an arrow", `${esc}[A`],
  ["a function key", `${esc}[15~`],
  ["Alt and a key", `${esc}P`],
  ["a key in kitty's protocol", `${esc}[99;5u`],
  ["the mouse", `${esc}[<0;10;5M`],
  ["a paste", `${esc}[200~${esc}[0n${esc}[201~`],
  ["a key behind an answer", `${esc}[0nq`],
] as const) {
  test(`${what} is typed`, () => assert.equal(isAnswer(input), false));
}
