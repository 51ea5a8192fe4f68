import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { SlowStarts } from "../../../daemon/alerts/slow-starts.ts";
import type { SessionRecord, SessionState } from "../../../shared/model/session.ts";
import { ready, record } from "../language/texts.ts";

const web = (state: SessionState, machineId = "here"): SessionRecord => ({
  ...record("web", { command: ["node"], cwd: "/work/shop" }, state),
  hosting: { kind: "hosted", launchId: "l", directory: "/d", machineId },
});

function watched(t: TestContext) {
  t.mock.timers.enable({ apis: ["setTimeout", "Date"], now: 1_000_000 });
  const slow = new SlowStarts("here");
  t.after(() => slow.dispose());
  const told: (string | undefined)[] = [];
  slow.onChanged(() => told.push(slow.problems[0]?.title));
  return { slow, told };
}

const starting = { kind: "starting", since: 1_000_000, phase: "spawned" } as const;

test("a start of a minute is told as slow, with what it waits for and what can be done", (t) => {
  const { slow, told } = watched(t);
  slow.observe("k", web(starting));
  t.mock.timers.tick(59_000);
  assert.deepEqual([told, slow.problems], [[], []]);
  slow.observe("k", web({ ...starting, phase: "responding" }));
  t.mock.timers.tick(2_000);
  assert.deepEqual(told, ["web is slow to start (60 s)"]);
  const [problem] = slow.problems;
  assert.equal(problem?.message, "Port open, no answer yet.");
  assert.deepEqual(
    problem?.actions.map(({ kind }) => kind),
    ["show-output", "wait", "stop"],
  );
});

test("a start that another daemon began counts from its beginning", (t) => {
  const { slow } = watched(t);
  slow.observe("k", web({ ...starting, since: 1_000_000 - 61_000 }));
  assert.equal(slow.problems.length, 1);
});

test("once it is ready, or gone, it isn't slow any more; other machines' starts are theirs", (t) => {
  const { slow, told } = watched(t);
  slow.observe("k", web(starting));
  slow.observe("k", web(ready));
  slow.observe("l", web(starting));
  slow.observe("l", undefined);
  slow.observe("m", web(starting, "there"));
  t.mock.timers.tick(120_000);
  assert.deepEqual([told, slow.problems], [[], []]);
});
