import assert from "node:assert/strict";
import { test } from "node:test";
import { answers, exitCodeOf, intent, isReplayable } from "../../../daemon/runs/records.ts";
import type { RunRequest } from "../../../daemon/runs/request.ts";
import { RunKey, type RunRecord } from "../../../shared/model/run.ts";

const request: RunRequest = {
  sandboxId: "box",
  key: "build",
  root: "/box",
  cwd: "/box",
  command: ["make", "all"],
  inputs: { MODE: "fast" },
  callerEnvironment: { TERM: "xterm" },
  callId: "first",
  replayMs: 1_000,
};
const hosting = { kind: "hosted", launchId: "L1", directory: "/d", machineId: "m" } as const;
const finished: RunRecord = {
  ...intent(request, hosting, 1, 10_000),
  state: { kind: "finished", since: 20_000, exit: { code: 3, signal: null }, exitCode: 3 },
};

test("keys have letters, digits and . _ : / - only, a hundred at most", () => {
  for (const key of ["build", "web:e2e/ci-1.2_x", "x".repeat(100), "-"])
    assert.ok(RunKey.safeParse(key).success);
  for (const key of ["", "a b", "a{b}", "ä", "a\n", "*", "x".repeat(101)])
    assert.ok(!RunKey.safeParse(key).success);
});

test("a result is replayed for equal command, directory and inputs, within its time, if it is one", () => {
  const isOne = (more: Partial<RunRequest>, record = finished, now = 21_000) =>
    isReplayable(record, { ...request, ...more }, now);
  assert.ok(isOne({}));
  assert.ok(
    isOne({ callerEnvironment: { TERM: "dumb" }, callId: "other" }),
    "inherited variables don't count",
  );
  assert.ok(!isOne({}, finished, 21_001), "too old");
  assert.ok(!isOne({ command: ["make", "al", "l"] }));
  assert.ok(!isOne({ command: ["make all"] }));
  assert.ok(!isOne({ cwd: "/box/sub" }));
  assert.ok(!isOne({ inputs: {} }));
  assert.ok(!isOne({ inputs: { MODE: "slow" } }));
  const { replayMs: _, ...unasked } = request;
  assert.ok(!isReplayable(finished, unasked, 21_000));
  const killed = {
    kind: "finished",
    since: 20_000,
    exit: { code: null, signal: "SIGKILL" },
    exitCode: 137,
  } as const;
  assert.ok(!isOne({}, { ...finished, state: killed }), "killed is no result");
  assert.ok(!isOne({}, { ...finished, state: { kind: "cancelled", since: 20_000, exitCode: 143 } }));
  assert.ok(!isOne({}, { ...finished, state: { kind: "running", since: 20_000 } }));
});

test("a call sent again is answered by its own execution, a takeover by the one that took over", () => {
  assert.ok(answers(finished, request));
  assert.ok(!answers(finished, { ...request, callId: "second" }));
  assert.ok(!answers(finished, { ...request, callId: "second", instead: "L1" }), "that is the lost one");
  assert.ok(answers(finished, { ...request, callId: "second", instead: "L0" }));
  const failed = { kind: "failed", since: 1, error: { code: "RUN_LOST", message: "", remedy: "" } } as const;
  assert.ok(!answers({ ...finished, state: failed }, request));
});

test("exit codes are those a shell would report", () => {
  assert.equal(exitCodeOf({ code: 0, signal: null }), 0);
  assert.equal(exitCodeOf({ code: 255, signal: null }), 255);
  assert.equal(exitCodeOf({ code: null, signal: "SIGTERM" }), 143);
  assert.equal(exitCodeOf({ code: null, signal: null }), 137, "nothing is known but that it is no success");
});
