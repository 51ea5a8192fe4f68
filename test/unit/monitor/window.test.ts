import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { KeyStats, otherKey, StatsTable } from "../../../daemon/monitor/key-stats.ts";
import { SlidingWindow } from "../../../daemon/monitor/window.ts";
import { attempted, failed, granted, queued, released } from "./samples.ts";

const windowMs = 300_000;
const one = { attempts: 1, grants: 1, failures: 0 };

test("what was counted is there for most of the window and gone after it", () => {
  const window = new SlidingWindow(windowMs);
  window.add(one, 1_000);
  assert.deepEqual(window.sum(1_000 + windowMs * 0.96), one);
  assert.equal(window.sum(1_000 + windowMs).attempts, 0);
});

test("any history decays: only what is younger than the window counts, within one step", () => {
  const times = fc.array(fc.nat(2_000_000), { maxLength: 200 }).map((list) => list.sort((a, b) => a - b));
  fc.assert(
    fc.property(times, fc.nat(600_000), (history, later) => {
      const window = new SlidingWindow(windowMs);
      for (const time of history) window.add(one, time);
      const now = (history.at(-1) ?? 0) + later;
      const younger = (ms: number) => history.filter((time) => time > now - ms).length;
      const counted = window.sum(now).attempts;
      assert.ok(counted >= younger(windowMs - windowMs / 30) && counted <= younger(windowMs), `${counted}`);
    }),
  );
});

test("refusals and time-outs are failures; waiting, cancelling and an absent store are not", () => {
  const stats = new KeyStats(windowMs);
  const codes = ["LOCK_HELD", "DEADLINE", "CANCELLED", "STORE_UNAVAILABLE"];
  for (const code of codes)
    for (const event of [attempted(), queued(), failed(code)]) stats.observe(event, 0);
  for (const event of [attempted(), queued(), granted(), released()]) stats.observe(event, 0);
  assert.deepEqual(stats.window.sum(0), { attempts: 5, grants: 1, failures: 2 });
  assert.deepEqual(stats.totals, {
    attempts: 5,
    grants: 1,
    refused: 1,
    timedOut: 1,
    abandoned: 2,
    losses: 0,
  });
});

test("an attempt counts in the window when it ends, so failures never outnumber attempts", () => {
  const stats = new KeyStats(windowMs);
  stats.observe(attempted(), 0);
  stats.observe(failed("DEADLINE"), windowMs * 2);
  assert.deepEqual(stats.window.sum(windowMs * 2), { attempts: 1, grants: 0, failures: 1 });
});

test("times are found again by share, estimated within their bucket", () => {
  const stats = new KeyStats(windowMs);
  for (let ms = 1; ms <= 1_000; ms++) stats.observe(granted({ waitMs: ms }), 0);
  const { count, p50, p99, max } = stats.wait.timing();
  assert.equal(count, 1_000);
  assert.ok(p50 > 490 && p50 < 510, `${p50}`);
  assert.ok(p99 > 980 && p99 <= 1_000, `${p99}`);
  assert.equal(max, 1_000);
});

test("at most so many keys are kept: those used longest ago are folded into one, and nothing is lost", () => {
  const table = new StatsTable(windowMs, 3);
  for (const key of ["a", "b", "c", "a", "d", "e"]) {
    table.observe(attempted({ key }), 0);
    table.observe(granted({ key, waitMs: 7 }), 0);
  }
  assert.deepEqual(
    table.entries().map(([key, { totals }]) => [key, totals.grants]),
    [
      ["e", 1],
      ["d", 1],
      ["a", 2],
      [otherKey, 2],
    ],
  );
  assert.equal(table.entries().at(-1)?.[1].wait.count, 2);
  table.observe(released({ key: "b", holdMs: 3 }), 0);
  assert.equal(table.entries().at(-1)?.[1].hold.count, 1, "also what came after it was folded");
  assert.equal(table.total(0).attempts, 6);
  assert.deepEqual([...table.windows(0).keys()], ["e", "d", "a"]);
});
