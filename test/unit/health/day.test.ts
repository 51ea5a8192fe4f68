import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type HealthReport,
  healthComponents,
  lastingStatus,
  severityOf,
} from "../../../shared/model/health.ts";
import { FakeClock } from "./fake-clock.ts";
import { SimulatedDay } from "./simulated-day.ts";

const minute = 60_000;
const hour = 60 * minute;
/** `DEVLATCH_SEED` repeats a day. */
const firstSeed = Number(process.env["DEVLATCH_SEED"]) || Math.floor(Math.random() * 2 ** 31);

/** What a day brought: what counted and was worse than before, each time, and what was shown as passing. */
interface Lived {
  readonly alarms: readonly string[];
  readonly passing: readonly string[];
}

async function live(
  seed: number,
  happen: (day: SimulatedDay, clock: FakeClock) => Promise<void>,
): Promise<Lived> {
  const clock = new FakeClock();
  const day = new SimulatedDay(clock, seed);
  const alarms: string[] = [];
  const passing: string[] = [];
  let before: HealthReport | undefined;
  let reports = 0;
  const { monitor, dispose } = day.monitor((report) => {
    reports++;
    for (const name of healthComponents) {
      const component = report.components[name];
      const { summary, checkedAt } = component;
      const status = lastingStatus(component);
      const then = before?.components[name];
      const isWorse = severityOf(status) > severityOf(then?.checkedAt ? lastingStatus(then) : "healthy");
      const shown = component.findings?.filter((finding) => finding.passing && finding.since === checkedAt);
      if (component !== then) passing.push(...(shown ?? []).map(({ id }) => id));
      const at = new Date(clock.epoch()).toISOString().slice(11, 19);
      if (checkedAt !== undefined && isWorse) alarms.push(`${at} ${name} ${status}: ${summary}`);
    }
    before = report;
  });
  for (const event of day.events) clock.after(event, () => monitor.recheck("servers"));
  await happen(day, clock);
  dispose();
  assert.ok(reports > 280, `${reports} reports`);
  assert.equal(before?.status, "healthy", "nothing is wrong at the end");
  return { alarms, passing };
}

test("a day of normal use gives no alarm: bursts, builds, restarts, slow answers, a nap", async (t) => {
  for (const seed of [firstSeed, firstSeed + 1, firstSeed + 2]) {
    t.diagnostic(`DEVLATCH_SEED=${seed}`);
    const { alarms, passing } = await live(seed, async (_, clock) => {
      await clock.pass(12 * hour);
      clock.sleep(40 * minute);
      await clock.pass(11 * hour + 20 * minute);
    });
    assert.deepEqual(alarms, [], `DEVLATCH_SEED=${seed}`);
    assert.deepEqual([...new Set(passing)], ["cpu:now"], "a build during a check is seen");
    assert.ok(passing.length <= 24 + 48, `${passing.length} times for 24 builds and 48 bursts`);
  }
});

test("on the same day what is really wrong is shown, and its end", async (t) => {
  t.diagnostic(`DEVLATCH_SEED=${firstSeed}`);
  const faults = ["cpu", "storeStopped", "serverGone", "memoryFull"] as const;
  const { alarms } = await live(firstSeed, async (day, clock) => {
    for (const fault of faults) {
      await clock.pass(5 * hour);
      day.faults[fault] = true;
      await clock.pass(20 * minute);
      day.faults[fault] = false;
    }
    await clock.pass(3 * hour);
  });
  const kinds = alarms.map((text) => text.replace(/^\S+ /, "").replace(/:.*/, ""));
  // Ten busy minutes may end as a warning before they are all critical.
  assert.deepEqual(
    kinds.filter((kind, index) => index > 0 || kind !== "resources warning"),
    ["resources critical", "store critical", "servers critical", "resources critical"],
    `DEVLATCH_SEED=${firstSeed}\n${alarms.join("\n")}`,
  );
});
