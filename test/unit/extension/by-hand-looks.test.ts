import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { ByHandLooks } from "../../../extension/connection/by-hand-looks.ts";

/** Looks under a clock of the test's own. @param takesMs how long one takes */
function looking(t: TestContext, takesMs = 0) {
  t.mock.timers.enable({ apis: ["setInterval"] });
  const world = { now: 0, looks: 0, isWatched: false };
  const looks = new ByHandLooks({
    look: () => {
      world.looks++;
      world.now += takesMs;
      return Promise.resolve();
    },
    isWatched: () => world.isWatched,
    now: () => world.now,
  });
  t.after(() => looks.dispose());
  const pass = async (seconds: number) => {
    for (let half = 0; half < 2 * seconds; half++) {
      world.now += 500;
      t.mock.timers.tick(500);
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  return { world, looks, pass };
}

test("while a person watches, every second is looked once; else never", async (t) => {
  const { world, pass } = looking(t);
  await pass(5);
  assert.equal(world.looks, 0);
  world.isWatched = true;
  await pass(3);
  assert.equal(world.looks, 3);
});

test("a command in a terminal is followed by looks until its server had time to come up", async (t) => {
  const { world, looks, pass } = looking(t);
  looks.expect();
  await pass(60);
  assert.equal(world.looks, 40);
});

test("after a command even looks that take long come often enough to see its server within two seconds", async (t) => {
  const { world, looks, pass } = looking(t, 400);
  world.isWatched = true;
  await pass(3);
  looks.expect();
  const before = { ...world };
  await pass(8);
  const seconds = (world.now - before.now) / 1_000;
  assert.ok(world.looks - before.looks >= seconds / 2, `${world.looks - before.looks} in ${seconds} s`);
});

test("who comes back to the window sees at once what came meanwhile", async (t) => {
  const { world, looks } = looking(t);
  looks.soon();
  assert.equal(world.looks, 1);
});

test("a project that takes long to be looked at is looked at less often", async (t) => {
  const { world, pass } = looking(t, 200);
  world.isWatched = true;
  await pass(9);
  assert.ok(world.looks <= 3, `${world.looks} looks of 200 ms in about 10 s`);
});
