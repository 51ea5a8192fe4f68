import assert from "node:assert/strict";
import { test } from "node:test";
import { AlertBook, findAlerts, type Observed } from "../../../daemon/monitor/alerts.ts";
import { holdLimitMs } from "../../../daemon/monitor/limits.ts";

const startLock = "dev_server_start:{sb_1}:web";

function observed(given: Partial<Observed>): Observed {
  return { locks: [], cycles: [], windows: new Map(), limitOf: holdLimitMs, ...given };
}

function held(key: string, heldMs: number) {
  return { key, owner: "daemon 7, starting web", fence: 12, heldMs, ttlMs: 60_000, waiters: 0, silentMs: 0 };
}

const counts = (attempts: number, failures: number) => ({ attempts, grants: attempts - failures, failures });
const kinds = (given: Partial<Observed>) =>
  findAlerts(observed(given)).map(({ kind, keys }) => [kind, ...keys]);

test("a start's lock never alarms for being long: it is held until the server is ready", () => {
  assert.deepEqual(kinds({ locks: [held(startLock, 86_400_000)] }), []);
});

test("a short lock held for more than a minute looks like a deadlock; for exactly one it doesn't", () => {
  const ports = "sandbox_ports:{p}";
  assert.deepEqual(kinds({ locks: [held(ports, 60_000)] }), []);
  assert.deepEqual(kinds({ locks: [held(ports, 60_001)] }), [["potential_deadlock", ports]]);
});

test("a run's lease never alarms for being long, a pool's lock does after ten minutes", () => {
  assert.deepEqual(kinds({ locks: [held("run:{sb_1}:build", 86_400_000)] }), []);
  const pool = "sandbox_pool:{p}";
  assert.deepEqual(kinds({ locks: [held(pool, 600_000)] }), []);
  assert.deepEqual(kinds({ locks: [held(pool, 600_001)] }), [["potential_deadlock", pool]]);
});

test("more than half of at least ten attempts failing is high contention", () => {
  const found = kinds({
    windows: new Map([
      ["few", counts(9, 9)],
      ["half", counts(10, 5)],
      ["most", counts(10, 6)],
      ["many", counts(1_000, 501)],
    ]),
  });
  assert.deepEqual(found, [
    ["high_contention", "many"],
    ["high_contention", "most"],
  ]);
});

test("a deadlock names all in it and whom to cancel: the last to wait", () => {
  const step = (holder: string, holds: string, waitsFor: string, since: number) => ({
    holder,
    owner: `the ${holder}`,
    holds,
    waitsFor,
    since,
  });
  const cycle = [step("one", "a", "b", 10), step("two", "b", "a", 20)];
  const [alert] = findAlerts(observed({ cycles: [cycle] }));
  assert.equal(alert?.severity, "critical");
  assert.deepEqual(alert?.keys, ["a", "b"]);
  assert.match(alert?.message ?? "", /the one holds a and waits for b; the two holds b and waits for a/);
  assert.match(alert?.remedy ?? "", /Cancel the two.*lock b/);
  const [turned] = findAlerts(observed({ cycles: [cycle.toReversed()] }));
  assert.deepEqual([turned?.id, turned?.remedy], [alert?.id, alert?.remedy], "the same from every daemon");
});

test("an alert keeps its id and its beginning while its cause lasts, and goes with it", () => {
  const book = new AlertBook();
  const busy = observed({ locks: [held("sandbox_ports:{p}", 61_000)] });
  const [first] = book.update(findAlerts(busy), 1_000);
  const [later] = book.update(findAlerts(observed({ locks: [held("sandbox_ports:{p}", 99_000)] })), 39_000);
  assert.deepEqual(later, first);
  assert.equal(first?.since, 1_000);
  assert.deepEqual(book.update(findAlerts(observed({})), 40_000), []);
  const [again] = book.update(findAlerts(busy), 50_000);
  assert.equal(again?.since, 50_000);
});
