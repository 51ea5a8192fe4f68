import assert from "node:assert/strict";
import { test } from "node:test";
import type { Caller } from "../../../daemon/holders/callers.ts";
import { type Contested, Fights } from "../../../daemon/holders/fights.ts";

const web = { sandboxId: "sb_1", app: "web" };

function caller(label: string): Caller {
  return { pid: label.charCodeAt(0), startTime: "boot:1", kind: "terminal", label };
}

/** Plays turns, a letter a caller, one every ten seconds. @returns whether each of them was a fight */
function play(turns: string, everyMs = 10_000, place: (index: number) => Contested = () => web): string {
  let now = 0;
  const fights = new Fights(() => now);
  return [...turns]
    .map((label, index) => {
      now += everyMs;
      return fights.add(place(index), caller(label)) ? "!" : ".";
    })
    .join("");
}

test("two callers that undo each other's doing are told from the third change of hands on", () => {
  assert.equal(play("ABABA"), "...!!");
});

test("one caller's starts and stops in a row are one turn, so a restart is no fight", () => {
  assert.equal(play("AAAAAA"), "......");
  assert.equal(play("AABBAAB"), "......!");
});

test("a third caller, another app and a slow back and forth are no fight", () => {
  assert.equal(play("ABCABC"), "......");
  assert.equal(
    play("ABAB", 10_000, (index) => (index < 2 ? web : { ...web, app: "api" })),
    "....",
  );
  assert.equal(play("ABABAB", 50_000), "......");
});

test("both hear who the other one is, and what is foreseen is what comes", () => {
  let now = 0;
  const fights = new Fights(() => now);
  for (const label of ["A", "B", "A"]) {
    fights.add(web, caller(label));
    now += 4_000;
  }
  const foreseen = fights.foresee(web, caller("B"));
  assert.deepEqual(fights.foresee(web, caller("B")), foreseen, "a look changes nothing");
  const fight = fights.add(web, caller("B"));
  assert.deepEqual(fight, foreseen);
  assert.match(fight?.notice ?? "", /^You and A have been starting and stopping web .* for 12 s\./);
  assert.equal(fight?.event, "B and A have been starting and stopping web against each other for 12 s");
});

test("a port is fought over across checkouts, and an agent is one party with all its processes", () => {
  assert.equal(
    play("ABAB", 10_000, () => ({ port: 3000 })),
    "...!",
  );
  const fights = new Fights(() => 0);
  const agent = { pid: 9, startTime: "boot:9" };
  const byTool = { ...caller("M"), kind: "agent", agent } as const;
  const byCommand = { ...agent, kind: "agent", label: "agent Codex (process 9)" } as const;
  const told = [byTool, caller("A"), byCommand, caller("A")].map((one) => fights.add({ port: 3000 }, one));
  assert.deepEqual(
    told.map((one) => one !== undefined),
    [false, false, false, true],
  );
  assert.match(told[3]?.notice ?? "", /taking port 3000 from each other for .*--on-conflict next/);
});
