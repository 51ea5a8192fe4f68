import assert from "node:assert/strict";
import { tmpdir } from "node:os";
import { test } from "node:test";
import { resourcesCheck, startLoopMonitor } from "../../../daemon/health/checks.ts";
import { waitFor } from "../../support/wait.ts";

function holdUp(ms: number): false {
  const until = performance.now() + ms;
  while (performance.now() < until);
  return false;
}

test("the delay of the event loop is what timers are late, not how often they are looked at", async (t) => {
  const loop = startLoopMonitor();
  t.after(() => loop.disable());
  assert.equal(loop.delayMs, 0);
  // Held up again and again for longer than two looks are apart, so that they are late for sure.
  await waitFor("late looks", () => loop.delayMs > 200 || holdUp(900));
  // On time from here on: the average falls, below what any count of the time between two looks could be.
  await waitFor("looks on time", () => loop.delayMs < 150, { timeoutMs: 30_000 });
  const { summary } = await resourcesCheck(tmpdir(), loop)(AbortSignal.timeout(5_000));
  assert.match(summary, /event loop \+\d/);
});
