import assert from "node:assert/strict";
import { test } from "node:test";
import { replayable } from "../../../../daemon/cli/attach/replay.ts";

const esc = "\u001b";

const acting: [what: string, sequence: string][] = [
  ["where the cursor is", `${esc}[6n`],
  ["whether it is well", `${esc}[5n`],
  ["what it is", `${esc}[c${esc}[0c${esc}[>c${esc}[=0c${esc}[>0q`],
  ["which mode is on", `${esc}[?2026$p`],
  ["how keys come", `${esc}[?u`],
  ["its size", `${esc}[14t${esc}[18t${esc}[14;2t`],
  ["its colours", `${esc}]11;?\u0007${esc}]4;1;?${esc}\\`],
  ["its clipboard", `${esc}]52;c;?\u0007`],
  ["its capabilities", `${esc}P+q544e${esc}\\${esc}P$qm${esc}\\`],
  ["its name (ENQ)", "\u0005"],
];
for (const [what, sequence] of acting) {
  test(`a terminal shown the past isn't asked ${what}`, () =>
    assert.equal(replayable(`before ${sequence}after`), "before after"));
}

test("nor is its clipboard written to", () =>
  assert.equal(replayable(`${esc}]52;c;aGk=${esc}\\copied`), "copied"));

test("everything else is shown as it was", () => {
  const output = [
    `${esc}[31mred${esc}[0m ${esc}[2J${esc}[H${esc}[?25l${esc}[?1049h`,
    `${esc}]0;title\u0007${esc}]8;;http://localhost:3000${esc}\\link${esc}]8;;${esc}\\`,
    `${esc}]11;#000000\u0007${esc}[22;0t${esc}[6 q${esc}[>1u${esc}[>4;2m → ready?\r\n`,
  ].join("");
  assert.equal(replayable(output), output);
});
