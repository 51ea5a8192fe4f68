import assert from "node:assert/strict";
import { test } from "node:test";
import { type HealthReport, healthComponents, severityOf } from "../../../shared/model/health.ts";
import { FakeClock } from "./fake-clock.ts";
import { SimulatedDay } from "./simulated-day.ts";

const minute = 60_000;
const hour = 60 * minute;
/** `DEVLATCH_SEED` repeats a day. */
const firstSeed = Number(process.env["DEVLATCH_SEED"]) || Math.floor(Math.random() * 2 ** 31);

/** Runs through a day. @returns what was shown as worse than before, each time */
async function live(
  seed: number,
  happen: (day: SimulatedDay, clock: FakeClock) => Promise<void>,
): Promise<string[]> {
  const clock = new FakeClock();
  const day = new SimulatedDay(clock, seed);
  const alarms: string[] = [];
  let before: HealthReport | undefined;
  let reports = 0;
  const { monitor, dispose } = day.monitor((report) => {
    reports++;
    for (const name of healthComponents) {
      const { status, summary, checkedAt } = report.components[name];
      const then = before?.components[name];
      const isWorse = severityOf(status) > severityOf(then?.checkedAt ? then.status : "healthy");
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
  return alarms;
}

test("a day of normal use gives no alarm: bursts, builds, restarts, slow answers, a nap", async (t) => {
  for (const seed of [firstSeed, firstSeed + 1, firstSeed + 2]) {
    t.diagnostic(`DEVLATCH_SEED=${seed}`);
    const alarms = await live(seed, async (_, clock) => {
      await clock.pass(12 * hour);
      clock.sleep(40 * minute);
      await clock.pass(11 * hour + 20 * minute);
    });
    assert.deepEqual(alarms, [], `DEVLATCH_SEED=${seed}`);
  }
});

test("on the same day what is really wrong is shown, and its end", async (t) => {
  t.diagnostic(`DEVLATCH_SEED=${firstSeed}`);
  const faults = ["cpu", "storeStopped", "serverGone", "memoryFull"] as const;
  const alarms = await live(firstSeed, async (day, clock) => {
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
