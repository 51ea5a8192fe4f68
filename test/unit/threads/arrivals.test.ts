import assert from "node:assert/strict";
import { test } from "node:test";
import { Arrivals } from "../../../daemon/threads/arrivals.ts";
import { openForWriting } from "../../../daemon/threads/schema.ts";
import { ThreadBench } from "./threads.ts";

test("batches arrive once, in their order, and no more once their writer was shut out", (t) => {
  const database = openForWriting(new ThreadBench(t).file);
  t.after(() => database.close());
  const [one, other] = [new Arrivals(database, "one"), new Arrivals(database, "other")];
  one.begin(0);
  one.arrive(1, 0);
  assert.throws(() => one.arrive(1, 0), /out of its turn/);
  assert.throws(() => one.arrive(3, 0), /out of its turn/);
  one.arrive(2, 0);
  assert.equal(one.shutOut(0), 2);
  assert.throws(() => one.arrive(3, 0), /batch 3 is out of its turn/);
  // Given up before it began.
  assert.equal(other.shutOut(0), 0);
  assert.throws(() => other.begin(0), /UNIQUE/);
});

test("what writers noted is gone with them, and of those that died after a day", (t) => {
  const database = openForWriting(new ThreadBench(t).file);
  t.after(() => database.close());
  const hour = 3_600_000;
  const noted = () =>
    database
      .prepare("SELECT writer FROM arrivals")
      .all()
      .map(({ writer }) => writer);
  new Arrivals(database, "died").begin(0);
  const one = new Arrivals(database, "one");
  one.begin(23 * hour);
  assert.deepEqual(noted(), ["died", "one"]);
  new Arrivals(database, "other").begin(25 * hour);
  one.end();
  assert.deepEqual(noted(), ["other"]);
});
