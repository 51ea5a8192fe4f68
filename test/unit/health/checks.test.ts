import assert from "node:assert/strict";
import { tmpdir } from "node:os";
import { test } from "node:test";
import { resourcesCheck, startLoopMonitor } from "../../../daemon/health/checks.ts";
import { waitFor } from "../../support/wait.ts";

test("the delay of the event loop is what timers are late, not how often they are looked at", async (t) => {
  const loop = startLoopMonitor();
  t.after(() => loop.disable());
  assert.equal(loop.delayMs, 0);
  const idle = await waitFor("a first look", () => (loop.delayMs > 0 ? loop.delayMs : undefined));
  assert.ok(idle < 200, `${idle} ms in a loop with nothing to do`);
  // Held up for longer than two looks are apart, so that one is late for sure.
  const until = performance.now() + 1_500;
  while (performance.now() < until);
  await waitFor("a late look", () => loop.delayMs > 200);
  const { summary } = await resourcesCheck(tmpdir(), loop)(AbortSignal.timeout(5_000));
  assert.match(summary, /event loop \+\d/);
});
