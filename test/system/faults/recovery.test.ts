import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { waitFor } from "../../support/wait.ts";
import { assertClean, choose, taken } from "./sweep.ts";
import { plainServer, stepCalls, World } from "./world.ts";

test("the daemon is killed while it finishes what a killed daemon and a killed host left: the next one does", {
  timeout: 3_600_000,
}, async (t) => {
  const crash = async (inner: TestContext, inject?: string) => {
    // The end of its host hangs its terminal up.
    const world = await World.create(inner, { server: `process.on("SIGHUP", () => {});${plainServer}` });
    await world.ok(["start", "web"]);
    const host = world.host();
    await world.kill(world.home.daemonPid());
    await world.kill(host?.pid);
    assert.equal(world.launches(), 1, "the server lives on without both");
    const daemon = await world.daemon(inject).catch(() => undefined);
    return { world, daemon };
  };
  const { world, daemon } = await crash(t);
  await assertClean(world);
  assert.equal((await world.session())?.state.kind, "failed");
  let died = 0;
  for (const call of stepCalls) {
    for (const at of choose(1, world.steps(call, daemon), taken[call])) {
      await t.test(`at ${call} ${at}`, async (inner) => {
        const second = await crash(inner, `${call}:signal=SIGKILL:when=${at}`);
        await waitFor("the kill, or the end of the recovery", async () => {
          if (second.world.home.daemonPid() === undefined) return true;
          return second.world.launches() === 0;
        });
        if (!(await second.world.endDaemon())) died++;
        await assertClean(second.world);
      });
    }
  }
  assert.ok(died > 0, "some of them hit");
});
