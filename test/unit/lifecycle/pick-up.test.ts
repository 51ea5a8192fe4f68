import assert from "node:assert/strict";
import { test } from "node:test";
import { closeStore } from "../../../daemon/lifecycle/closing.ts";
import { PickUp } from "../../../daemon/lifecycle/pick-up.ts";
import { Emitter } from "../../../shared/base/emitter.ts";
import { silentLog } from "../../support/log.ts";
import { waitFor } from "../../support/wait.ts";

function part(thing: string, run: () => Promise<unknown>) {
  return { what: "pick up", thing, run };
}

test("one part that can't begin hinders no other, and is tried again by itself", async () => {
  const health = new Emitter<boolean>();
  const begun: string[] = [];
  let failures = 0;
  const pickUp = new PickUp({
    store: { healthy: true, onHealthChanged: health.event },
    first: [part("locks", async () => begun.push("locks"))],
    parts: [
      part("sessions", async () => {
        if (failures++ < 1) throw new Error("not yet");
        begun.push("sessions");
      }),
      part("sandboxes", async () => begun.push("sandboxes")),
    ],
    log: silentLog,
    pauseMs: 1,
  });
  await pickUp.begin();
  assert.deepEqual(begun, ["locks", "sandboxes"]);
  await waitFor("the second try", () => begun.includes("sessions"));
  pickUp.dispose();
});

test("what the store can't tell while it is away is picked up when it is back", async () => {
  const health = new Emitter<boolean>();
  const store = { healthy: false, onHealthChanged: health.event };
  let begun = 0;
  const parts = [part("sessions", async () => void begun++)];
  const pickUp = new PickUp({ store, first: [], parts, log: silentLog });
  await pickUp.begin();
  store.healthy = true;
  health.fire(true);
  await waitFor("the second round", () => begun === 2);
  health.fire(true);
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(begun, 2, "once it is complete it is left alone");
  pickUp.dispose();
});

test("a daemon's end: every step is tried whatever became of the others, and only certainty counts as released", async () => {
  const closed: string[] = [];
  const close =
    (name: string, fails = false) =>
    async () => {
      closed.push(name);
      if (fails) throw new Error(`${name} failed`);
    };
  const parts = (healthy: boolean, fails: boolean) => ({
    monitor: { close: close("monitor", fails) },
    locks: { close: close("locks") },
    deadOwners: { leave: close("leave") },
    store: { healthy, close: close("store") },
  });
  const broken = await closeStore(parts(true, true));
  assert.deepEqual(closed, ["monitor", "locks", "leave", "store"]);
  assert.equal(broken.released, false);
  assert.deepEqual(
    broken.failures.map(({ error }) => error.message),
    ["monitor failed"],
  );
  assert.equal(
    (await closeStore(parts(false, false))).released,
    false,
    "a store that is away was told nothing",
  );
  assert.equal((await closeStore(parts(true, false))).released, true);
});
