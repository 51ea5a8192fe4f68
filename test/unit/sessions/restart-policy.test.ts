import assert from "node:assert/strict";
import { test } from "node:test";
import { type Ending, judge } from "../../../daemon/sessions/restart-policy.ts";
import { mostRestarts } from "../../../shared/model/session-state.ts";

const failure: Ending = {
  policy: "on-failure",
  exit: { code: 1, signal: null },
  restarts: 0,
  servedMs: 10_000,
};
const success = { code: 0, signal: null };

test("the policy decides which ends are followed by a restart", () => {
  const kinds = (given: Partial<Ending>) => judge({ ...failure, ...given }, 0).kind;
  assert.equal(kinds({ policy: "never" }), "leave");
  assert.equal(kinds({}), "restart");
  assert.equal(kinds({ exit: success }), "leave");
  assert.equal(kinds({ exit: { code: null, signal: "SIGKILL" } }), "restart");
  assert.equal(kinds({ exit: undefined }), "restart", "its host was killed");
  assert.equal(kinds({ policy: "always", exit: success }), "restart");
});

test("the back-off doubles up to a cap and is spread by chance, never longer", () => {
  const delays = (random: number) =>
    Array.from({ length: mostRestarts }, (_, restarts) => {
      const verdict = judge({ ...failure, restarts }, random);
      assert.ok(verdict.kind === "restart");
      assert.equal(verdict.attempt, restarts + 1);
      return verdict.inMs;
    });
  assert.deepEqual(delays(0), [1_000, 2_000, 4_000, 8_000, 16_000]);
  assert.deepEqual(delays(1), [750, 1_500, 3_000, 6_000, 12_000]);
});

test("a server that falls again and again is given up; one that stood for a minute begins anew", () => {
  const last = { ...failure, restarts: mostRestarts };
  assert.deepEqual(judge(last, 0), { kind: "give-up", restarts: mostRestarts });
  assert.equal(judge({ ...last, servedMs: 59_999 }, 0).kind, "give-up");
  assert.deepEqual(judge({ ...last, servedMs: 60_000 }, 0), { kind: "restart", attempt: 1, inMs: 1_000 });
});
