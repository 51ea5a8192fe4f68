import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { byHour } from "../../../daemon/health/history/downsample.ts";
import { HealthHistory } from "../../../daemon/health/history/history.ts";
import { hasCode } from "../../../shared/base/errors.ts";
import { type HealthComponent, type HealthStatus, healthComponents } from "../../../shared/model/health.ts";
import type { HealthSample } from "../../../shared/model/health-history.ts";

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const start = Date.UTC(2026, 0, 5, 8);

function component(status: HealthStatus, given: Partial<HealthComponent> = {}): HealthComponent {
  return { status, summary: `it is ${status}`, latencyMs: 1, ...given };
}

function prepare(t: TestContext) {
  const directory = mkdtempSync(join(tmpdir(), "devlatch-history-"));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const file = join(directory, "health.db");
  const time = { now: start };
  const problems: string[] = [];
  const open = () =>
    new HealthHistory({ file, now: () => time.now, onProblem: (problem) => problems.push(problem) });
  const history = open();
  t.after(() => history.dispose());
  return { directory, file, time, problems, history, open };
}

test("a component is recorded every few minutes, and at once when its state is another", (t) => {
  const { file, history, time } = prepare(t);
  const states: HealthStatus[] = ["healthy", "healthy", "warning", "warning", "healthy"];
  for (const status of states) {
    history.record("store", component(status));
    time.now += 10_000;
  }
  time.now += 5 * minute;
  history.record("store", component("healthy"));
  const { samples, next } = history.page({ limit: 100 });
  assert.deepEqual(
    samples.map(({ status, time: at, summary }) => [status, (at - start) / 1000, summary]),
    [
      ["healthy", 0, ""],
      ["warning", 20, "it is warning"],
      ["healthy", 40, ""],
      ["healthy", 350, ""],
    ],
  );
  assert.equal(next, null);
  assert.equal(statSync(file).mode & 0o777, 0o600, "for its user only");
});

test("after a day looks become hours with the worst and the average, after a week they are gone", (t) => {
  const { history, time } = prepare(t);
  let looks = 0;
  for (; time.now < start + 9 * day; time.now += 5 * minute) {
    // One bad look at the fifth day's noon.
    const isBad = time.now === start + 4 * day + 4 * hour + 10 * minute;
    const cpu = (looks++ % 12) / 11;
    history.record("resources", component(isBad ? "critical" : "healthy", { values: { cpu } }));
  }
  const { samples } = history.page({ limit: 5_000 });
  const hours = samples.filter(({ spanMs }) => spanMs === hour);
  const single = samples.filter(({ spanMs }) => spanMs === 0);
  const end = time.now - 5 * minute;
  assert.ok(hours.every(({ looks: count }) => count === 12));
  assert.ok((hours[0]?.time ?? 0) >= end - 7 * day - hour && (hours[0]?.time ?? 0) <= end - 7 * day + hour);
  assert.ok(hours.length >= 6 * 24 - 2 && hours.length <= 6 * 24 + 2, `${hours.length} hours`);
  assert.ok(single.length >= 288 && single.length <= 300, `${single.length} looks`);
  assert.ok(hours.every(({ values }) => Math.abs((values["cpu"] ?? 0) - 0.5) < 1e-9));
  const bad = hours.filter(({ status }) => status !== "healthy");
  assert.deepEqual(
    bad.map(({ status, summary, time: at }) => [status, summary, at]),
    [["critical", "it is critical", start + 4 * day + 4 * hour]],
  );
});

test("hours are made of each component's own looks", () => {
  const sample = (time: number, name: "store" | "servers", average: number): HealthSample => ({
    ...{ component: name, time, spanMs: 0, looks: 1, status: "healthy", summary: "" },
    latencyMs: { average, max: average },
    values: { ready: average },
  });
  const hours = byHour([
    sample(start, "store", 1),
    sample(start + 1, "servers", 5),
    sample(start + 2, "store", 4),
  ]);
  assert.deepEqual(
    hours.map(({ component: name, looks, latencyMs, values }) => [name, looks, latencyMs, values["ready"]]),
    [
      ["store", 2, { average: 2.5, max: 4 }, 2.5],
      ["servers", 1, { average: 5, max: 5 }, 5],
    ],
  );
});

test("pages follow each other without a gap or a repetition, over equal times and while more is written", (t) => {
  const { history, time } = prepare(t);
  const write = (count: number) => {
    for (let round = 0; round < count; round++, time.now += 5 * minute) {
      for (const name of healthComponents) history.record(name, component("healthy"));
    }
  };
  write(20);
  const seen: string[] = [];
  let cursor: string | undefined;
  for (let pages = 0; ; pages++) {
    const page = history.page({ limit: 7, ...(cursor === undefined ? {} : { cursor }) });
    seen.push(...page.samples.map((sample) => `${sample.time} ${sample.component}`));
    if (pages === 2) write(5);
    if (page.next === null) break;
    cursor = page.next;
  }
  assert.deepEqual([seen.length, new Set(seen).size], [125, 125]);
  const span = { from: start + 5 * minute, to: start + 10 * minute };
  assert.deepEqual(history.page({ ...span, limit: 100 }).samples.length, 10);
  assert.deepEqual(history.page({ ...span, component: "store", limit: 100 }).samples.length, 2);
  assert.throws(
    () => history.page({ cursor: "yesterday", limit: 1 }),
    (error) => hasCode(error, "INVALID_INPUT"),
  );
});

test("a damaged file is set aside and told, and the history goes on in a new one, over a restart too", (t) => {
  const { directory, file, time, problems, history, open } = prepare(t);
  history.record("store", component("healthy"));
  history.dispose();
  writeFileSync(file, "garbage".repeat(2_000));
  time.now += hour;
  history.record("store", component("warning"));
  assert.match(problems.join(), /damaged .* set aside as .*health\.db\.damaged/);
  assert.ok(readdirSync(directory).includes("health.db.damaged"));
  history.dispose();
  const again = open();
  t.after(() => again.dispose());
  assert.deepEqual(
    again.page({ limit: 10 }).samples.map(({ status }) => status),
    ["warning"],
  );
});

test("what can't be written is kept, told once, and written when it can be", (t) => {
  const { directory, time, problems, history } = prepare(t);
  history.dispose();
  rmSync(directory, { recursive: true });
  for (let round = 0; round < 3; round++, time.now += hour) history.record("store", component("healthy"));
  assert.equal(problems.length, 1, problems.join("\n"));
  mkdirSync(directory);
  history.record("store", component("healthy"));
  assert.equal(history.page({ limit: 10 }).samples.length, 4);
});
