import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { type Job, runInLanes } from "../../support/runner/lanes.ts";

/** Jobs that note when they begin, and how many run at once. */
class Day {
  readonly began: string[] = [];
  most = 0;
  readonly #running = new Set<string>();

  job(name: string, more: Partial<Job> = {}): Job {
    const { ready = Promise.resolve(true), alone = false, group = { atMost: 9 } } = more;
    const run = async () => {
      this.began.push(name);
      this.#running.add(name);
      this.most = Math.max(this.most, this.#running.size);
      for (let turn = 0; turn < 5; turn++) {
        await nextTurn();
        if (alone) assert.deepEqual([...this.#running], [name]);
      }
      this.#running.delete(name);
    };
    return { ready, alone, group, run };
  }
}

test("jobs run in their order, so many at once as there are lanes, and those that want to, alone and last", async () => {
  const day = new Day();
  const names = ["a", "b", "c", "d", "e", "f"];
  await runInLanes(
    names.map((name) => day.job(name, { alone: name === "a" || name === "b" })),
    { atLeast: 3 },
  );
  assert.deepEqual([day.began, day.most], [["c", "d", "e", "f", "a", "b"], 3]);
});

test("a job whose need isn't met yet lets later ones go first; one whose need can't be met never runs", async () => {
  const day = new Day();
  const installed = Promise.withResolvers<boolean>();
  const running = runInLanes(
    [
      day.job("late", { ready: installed.promise }),
      day.job("never", { ready: Promise.resolve(false) }),
      day.job("early"),
    ],
    { atLeast: 2 },
  );
  while (day.began.length === 0) await nextTurn();
  assert.deepEqual(day.began, ["early"]);
  installed.resolve(true);
  await running;
  assert.deepEqual(day.began, ["early", "late"]);
});

test("jobs of a group that is busy let later ones go first", async () => {
  const day = new Day();
  const group = { atMost: 1 };
  await runInLanes([day.job("a", { group }), day.job("b", { group }), day.job("c"), day.job("d")], {
    atLeast: 2,
  });
  assert.deepEqual([day.began, day.most], [["a", "c", "b", "d"], 2]);
});

test("where the machine has something to spare, one more begins for each time it says so, up to the most", async () => {
  const day = new Day();
  const names = ["a", "b", "c", "d", "e", "f"];
  const answers = [true, false, true, true, true];
  const hold = Promise.withResolvers<void>();
  const held = (name: string) => {
    day.began.push(name);
    return hold.promise;
  };
  const jobs = names.map((name) => ({ ...day.job(name), run: () => held(name) }));
  const asked = Promise.withResolvers<void>();
  const ask = () => {
    const answer = answers.shift();
    if (answer === undefined) asked.resolve();
    return answer ?? false;
  };
  const running = runInLanes(jobs, { atLeast: 2, atMost: 4, spare: { ask, everyMs: 1 } });
  await asked.promise;
  assert.deepEqual(day.began, ["a", "b", "c", "d"]);
  hold.resolve();
  await running;
  assert.deepEqual(day.began, names);
});

test("a job that throws ends the whole with its error", async () => {
  const day = new Day();
  const job = { ...day.job("a"), run: () => Promise.reject(new Error("no room")) };
  await assert.rejects(runInLanes([job], { atLeast: 1 }), /no room/);
});
