import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { StatsTable } from "../../../daemon/monitor/key-stats.ts";
import { metricsText } from "../../../daemon/monitor/prometheus.ts";
import { attempted, failed, granted, released } from "./samples.ts";

function textOf(table: StatsTable, live = new Map<string, { holding: number; waiting: number }>()): string {
  return metricsText(table, live, []);
}

/** A reader for the format, after its grammar: name{label="value",…} number. */
function read(text: string): { name: string; labels: Record<string, string>; value: number }[] {
  assert.ok(text.endsWith("\n"));
  return text
    .slice(0, -1)
    .split("\n")
    .filter((line) => !line.startsWith("# "))
    .map((line) => {
      const parsed = /^([a-z_]+)\{((?:[a-z]+="(?:\\\\|\\"|\\n|[^"\\\n])*",?)*)\} (\S+)$/.exec(line);
      assert.ok(parsed, `not a sample: ${line}`);
      const labels = [...(parsed[2] ?? "").matchAll(/([a-z]+)="((?:\\.|[^"\\])*)"/g)].map(
        ([, label, raw]) =>
          [label, (raw ?? "").replace(/\\(.)/g, (_, c: string) => (c === "n" ? "\n" : c))] as const,
      );
      return { name: parsed[1] ?? "", labels: Object.fromEntries(labels), value: Number(parsed[3]) };
    });
}

test("whatever a key contains, a reader gets it back, on one line", () => {
  const odd = fc.string({
    unit: fc.constantFrom("a", "\\", '"', "\n", "n", "{", "}", ",", "=", " ", "é", "😀"),
  });
  fc.assert(
    fc.property(odd, (key) => {
      const table = new StatsTable(1_000);
      table.observe(attempted({ key }), 0);
      const sample = read(textOf(table)).find(({ name }) => name === "devlatch_lock_attempts_total");
      assert.deepEqual(sample, { name: "devlatch_lock_attempts_total", labels: { key }, value: 1 });
    }),
  );
});

test("counters, failures by reason, and histograms whose buckets add up, in seconds", () => {
  const table = new StatsTable(1_000);
  for (const event of [
    attempted(),
    granted({ waitMs: 3 }),
    released({ holdMs: 700 }),
    attempted(),
    failed("DEADLINE", { waitMs: 90_000 }),
    attempted(),
    failed("LOCK_HELD", { waitMs: 1 }),
  ]) {
    table.observe(event, 0);
  }
  const samples = read(textOf(table, new Map([["k", { holding: 1, waiting: 2 }]])));
  const value = (name: string, labels: Record<string, string> = {}) =>
    samples.find((one) => {
      return one.name === name && Object.entries(labels).every(([label, text]) => one.labels[label] === text);
    })?.value;
  assert.equal(value("devlatch_lock_attempts_total"), 3);
  assert.equal(value("devlatch_lock_failures_total", { reason: "timeout" }), 1);
  assert.equal(value("devlatch_lock_failures_total", { reason: "refused" }), 1);
  assert.equal(value("devlatch_lock_wait_seconds_bucket", { le: "0.001" }), 1);
  assert.equal(value("devlatch_lock_wait_seconds_bucket", { le: "0.005" }), 2);
  assert.equal(value("devlatch_lock_wait_seconds_bucket", { le: "60" }), 2);
  assert.equal(value("devlatch_lock_wait_seconds_bucket", { le: "+Inf" }), 3);
  assert.equal(value("devlatch_lock_wait_seconds_count"), 3);
  assert.ok(Math.abs((value("devlatch_lock_wait_seconds_sum") ?? 0) - 90.004) < 1e-9);
  assert.equal(value("devlatch_lock_hold_seconds_bucket", { le: "0.5" }), 0);
  assert.equal(value("devlatch_lock_hold_seconds_bucket", { le: "1" }), 1);
  assert.equal(value("devlatch_lock_held"), 1);
  assert.equal(value("devlatch_lock_waiters"), 2);
});

test("a thousand keys are 500 and one for all others, of gauges too", () => {
  const table = new StatsTable(1_000);
  const live = new Map<string, { holding: number; waiting: number }>();
  for (let i = 0; i < 1_000; i++) {
    table.observe(attempted({ key: `key ${i}` }), 0);
    live.set(`key ${i}`, { holding: 1, waiting: 0 });
  }
  const samples = read(textOf(table, live));
  for (const metric of ["devlatch_lock_attempts_total", "devlatch_lock_held"]) {
    const of = samples.filter(({ name }) => name === metric);
    assert.equal(of.length, 501);
    assert.equal(of.find(({ labels }) => labels["key"] === "other")?.value, 500);
  }
});
