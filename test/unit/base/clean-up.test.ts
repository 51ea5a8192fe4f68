import assert from "node:assert/strict";
import { test } from "node:test";
import { cleanUp, describeFailures } from "../../../shared/base/clean-up.ts";
import { DevlatchError } from "../../../shared/base/errors.ts";

const step = (what: string, run: (signal: AbortSignal) => Promise<unknown>) => ({ what, thing: "it", run });

test("steps run at once, and neither a failing nor a hanging one hinders another", async () => {
  const done: string[] = [];
  const arrived = Promise.withResolvers<void>();
  const failures = await cleanUp(
    [
      step("throw at once", () => {
        throw new Error("at once");
      }),
      // Waits for a step that comes after it: one after the other, it would wait for ever.
      step("wait for the next", async () => {
        await arrived.promise;
        done.push("waited");
      }),
      step("arrive", async () => arrived.resolve()),
      step("hang", () => new Promise(() => {})),
      step("reject", () => Promise.reject(new DevlatchError("STORE_UNAVAILABLE", "It is away.", "Wait."))),
    ],
    { deadlineMs: 100 },
  );
  assert.deepEqual(done, ["waited"]);
  assert.deepEqual(
    failures.map(({ what, error }) => [what, error.code]),
    [
      ["throw at once", "INTERNAL"],
      ["hang", "DEADLINE"],
      ["reject", "STORE_UNAVAILABLE"],
    ],
  );
  assert.match(
    describeFailures(failures),
    /^throw at once \(it\): at once; hang \(it\): .*; reject \(it\): It is away\.$/,
  );
});

test("what fails is really tried again, as often as allowed, and told with its last reason", async () => {
  let [twice, ever] = [0, 0];
  const failures = await cleanUp(
    [
      step("succeed the third time", async () => {
        if (++twice < 3) throw new Error("not yet");
      }),
      step("fail ever", async () => {
        throw new Error(`time ${++ever}`);
      }),
    ],
    { deadlineMs: 1_000, attempts: 3, pauseMs: 1 },
  );
  assert.deepEqual([twice, ever], [3, 3]);
  assert.equal(describeFailures(failures), "fail ever (it): time 3");
});

test("each step hears when its time is over, and nothing begins after the whole is given up", async () => {
  const heard = Promise.withResolvers<void>();
  const ended = new AbortController();
  let attempts = 0;
  const cleaning = cleanUp(
    [
      step("listen", (signal) => {
        attempts++;
        signal.addEventListener("abort", () => heard.resolve());
        return new Promise(() => {});
      }),
    ],
    { deadlineMs: 60_000, attempts: 10, pauseMs: 1, signal: ended.signal },
  );
  ended.abort(new Error("The daemon ends."));
  assert.deepEqual(
    (await cleaning).map(({ error }) => error.message),
    ["The daemon ends."],
  );
  await heard.promise;
  assert.equal(attempts, 1);
});
