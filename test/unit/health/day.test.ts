import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type HealthReport,
  healthComponents,
  lastingStatus,
  severityOf,
} from "../../../shared/model/health.ts";
import { often } from "../../support/campaign.ts";
import { FakeClock } from "./fake-clock.ts";
import { SimulatedDay } from "./simulated-day.ts";

const minute = 60_000;
const hour = 60 * minute;
/** `DEVLATCH_SEED` chooses other days, `DEVLATCH_DAYS` how many: some take hundreds. */
const firstSeed = Number(process.env["DEVLATCH_SEED"] ?? 20_261_127);
const seeds = Array.from(
  { length: Number(process.env["DEVLATCH_DAYS"] ?? often(1, 3)) },
  (_, day) => firstSeed + day,
);

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

test("a day of normal use gives no alarm: bursts, builds, restarts, slow answers, a nap", async () => {
  for (const seed of seeds) {
    const { alarms, passing } = await live(seed, async (_, clock) => {
      await clock.pass(12 * hour);
      clock.sleep(40 * minute);
      await clock.pass(11 * hour + 20 * minute);
    });
    assert.deepEqual(alarms, [], `DEVLATCH_SEED=${seed}`);
    const builds = passing.filter((id) => id === "cpu:now");
    assert.ok(builds.length > 0, "a build during a check is seen");
    assert.ok(builds.length <= 24 + 48, `${builds.length} times for 24 builds and 48 bursts`);
    // The daemon's timers may be late twice within half a minute.
    assert.deepEqual(
      passing.filter((id) => id !== "cpu:now" && id !== "loop:now"),
      [],
    );
  }
});

test("on such days what is really wrong is shown once, and its end", async () => {
  for (const seed of seeds) {
    const { alarms } = await live(seed, async (day, clock) => {
      for (const fault of ["cpu", "storeStopped", "serverGone", "memoryFull"] as const) {
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
      `DEVLATCH_SEED=${seed}\n${alarms.join("\n")}`,
    );
  }
});
