import assert from "node:assert/strict";
import { test } from "node:test";
import { AlertBook, KeptAlerts, type Problem } from "../../../daemon/alerts/book.ts";

const minute = 60_000;

function problem(id: string, given: Partial<Problem> = {}): Problem {
  return {
    ...{
      id,
      kind: "health",
      severity: "warning",
      title: "T",
      message: "M.",
      remedy: "R.",
      actions: [],
      settleMs: 0,
    },
    ...given,
  };
}

const fresh = () => new AlertBook(KeptAlerts.parse({}), 0);
const told = (book: AlertBook, now: number) => book.alerts(now).map(({ id, notify }) => [id, notify]);
const takeAll = (book: AlertBook, now: number) =>
  book.alerts(now).map(({ id, since }) => book.take(id, since, now));

test("one problem is one alert, told once, by the first client", () => {
  const book = fresh();
  book.update([problem("a")], 1_000);
  book.update([problem("a", { message: "Still." })], 2_000);
  const [alert] = book.alerts(2_000);
  assert.deepEqual([alert?.since, alert?.message, alert?.notify], [1_000, "Still.", true]);
  assert.deepEqual([takeAll(book, 2_000), takeAll(book, 2_000)], [[true], [false]]);
  book.update([problem("a")], 3_000);
  assert.deepEqual(told(book, 3_000), [["a", false]]);
});

test("an alert that is gone is gone; one that is gone before it is told is never told", () => {
  const book = fresh();
  book.update([problem("a"), problem("b", { severity: "critical" })], 1_000);
  assert.deepEqual(told(book, 1_000), [
    ["b", true],
    ["a", true],
  ]);
  book.update([problem("b")], 2_000);
  assert.deepEqual(told(book, 2_000), [["b", true]]);
  assert.equal(book.take("a", 1_000, 2_000), false);
});

test("back within ten minutes it stands anew, and isn't told again; back later it is", () => {
  const book = fresh();
  book.update([problem("a")], 0);
  takeAll(book, 0);
  book.update([], 5 * minute);
  book.update([problem("a")], 14 * minute);
  assert.deepEqual(
    book.alerts(14 * minute).map(({ since, notify }) => [since, notify]),
    [[14 * minute, false]],
  );
  book.update([], 15 * minute);
  book.update([problem("a")], 25 * minute);
  assert.deepEqual(told(book, 25 * minute), [["a", true]]);
});

test("one that flapped before any client was told is told", () => {
  const book = fresh();
  book.update([problem("a")], 0);
  book.update([], minute);
  book.update([problem("a")], 2 * minute);
  assert.deepEqual(told(book, 2 * minute), [["a", true]]);
});

test("a warning that gets critical is told once more", () => {
  const book = fresh();
  book.update([problem("a")], 0);
  takeAll(book, 0);
  book.update([problem("a", { severity: "critical" })], 1);
  assert.deepEqual(takeAll(book, 1), [true]);
  book.update([problem("a")], 2);
  book.update([problem("a", { severity: "critical" })], 3);
  assert.deepEqual(told(book, 3), [["a", false]]);
});

test("what has to settle is told when it has, and the time of that is known", () => {
  const book = fresh();
  book.update([problem("a", { settleMs: 5_000 })], 1_000);
  assert.deepEqual([told(book, 5_999), book.nextChange(5_999)], [[["a", false]], 6_000]);
  assert.deepEqual([told(book, 6_000), book.nextChange(6_000)], [[["a", true]], Number.POSITIVE_INFINITY]);
});

test("a snoozed alert is silent until then, also if it goes and comes back, and is told again after", () => {
  const book = fresh();
  book.update([problem("a")], 0);
  takeAll(book, 0);
  assert.equal(book.snooze("a", 60 * minute), true);
  assert.equal(book.alerts(1)[0]?.snoozedUntil, 60 * minute);
  book.update([], minute);
  assert.equal(book.snooze("a", 70 * minute), false);
  book.update([problem("a")], 30 * minute);
  assert.deepEqual([told(book, 30 * minute), book.nextChange(30 * minute)], [[["a", false]], 60 * minute]);
  assert.deepEqual(told(book, 60 * minute), [["a", true]]);
});

test("a kind that is turned off is shown and not told", () => {
  const book = fresh();
  book.update([problem("a"), problem("b", { kind: "server" })], 0);
  book.mute("health", true);
  assert.deepEqual(told(book, 0), [
    ["a", false],
    ["b", true],
  ]);
  book.mute("health", false);
  assert.deepEqual(told(book, 0)[0], ["a", true]);
});

test("the next daemon knows what was told, snoozed and turned off", () => {
  const before = fresh();
  before.update([problem("a"), problem("b")], 0);
  before.take("a", 0, 0);
  before.snooze("b", 90 * minute);
  before.mute("lock", true);
  const kept = KeptAlerts.parse(JSON.parse(JSON.stringify(before.kept())));
  // A day of silence in between is no reason to tell anything again.
  const after = new AlertBook(kept, 80 * minute);
  assert.ok(after.knows("a"));
  after.update([problem("a"), problem("b"), problem("c")], 81 * minute);
  assert.deepEqual(told(after, 81 * minute), [
    ["a", false],
    ["b", false],
    ["c", true],
  ]);
  assert.deepEqual(after.muted, ["lock"]);
});

test("what is long gone is forgotten", () => {
  const book = fresh();
  book.update([problem("a")], 0);
  book.update([], minute);
  assert.ok(book.knows("a"));
  book.update([], 20 * minute);
  assert.equal(book.knows("a"), false);
});
