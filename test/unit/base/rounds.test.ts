import assert from "node:assert/strict";
import { test } from "node:test";
import { Rounds } from "../../../shared/base/rounds.ts";
import { waitFor } from "../../support/wait.ts";

test("rounds never overlap; who asks during one gets another that begins after", async (t) => {
  let running = 0;
  let most = 0;
  let begun = 0;
  const end = Promise.withResolvers<void>();
  const rounds = new Rounds(async () => {
    begun++;
    most = Math.max(most, ++running);
    await end.promise;
    running--;
  });
  t.after(() => rounds.dispose());
  const first = rounds.now();
  await waitFor("the first", () => begun === 1);
  const others = [rounds.now(), rounds.now()];
  end.resolve();
  await Promise.all([first, ...others]);
  assert.deepEqual([begun, most], [2, 1], "the second and third share one");
});

test("the earliest wish counts, and disposal ends the series", async (t) => {
  let begun = 0;
  const rounds = new Rounds(async () => {
    begun++;
  });
  t.after(() => rounds.dispose());
  rounds.within(60_000);
  rounds.within(1);
  rounds.within(60_000);
  await waitFor("a round", () => begun === 1);
  rounds.dispose();
  rounds.within(0);
  await rounds.now();
  assert.equal(begun, 1);
});
