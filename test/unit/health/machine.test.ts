import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { freemem, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { cgroupMemory } from "../../../daemon/health/machine/cgroup.ts";
import { measureLoopDelay } from "../../../daemon/health/machine/loop-delay.ts";
import { Machine } from "../../../daemon/health/machine/machine.ts";
import { parseCpuLine, systemSensors } from "../../../daemon/health/machine/sensors.ts";
import { Sustained } from "../../../daemon/health/machine/sustained.ts";
import { effectiveThresholds } from "../../../shared/model/health-thresholds.ts";
import { waitFor } from "../../support/wait.ts";
import { FakeClock } from "./fake-clock.ts";

const bounds = { from: 0.7, until: 0.65 };

function holdUp(ms: number): false {
  const until = performance.now() + ms;
  while (performance.now() < until);
  return false;
}

test("the delay of the event loop is what timers are late since it was asked last", async (t) => {
  const loop = measureLoopDelay();
  t.after(() => loop.dispose());
  assert.equal(loop.take(), 0);
  // Held up again and again for longer than two looks are apart, so that they are late for sure.
  await waitFor("late looks", () => loop.take() > 200 || holdUp(2_100), { intervalMs: 50 });
  // What was before no longer counts.
  await waitFor("looks on time", () => loop.take() < 100, { intervalMs: 2_100, timeoutMs: 30_000 });
});

test("a burst raises some of three averages, what lasts raises all", () => {
  const values = new Sustained();
  for (let at = 0; at < 600; at += 10) values.add(at, at + 10, at < 250 ? 0.1 : 1);
  assert.deepEqual(values.read(600, bounds), { sustained: 0.1, recent: 1 });
  assert.equal(values.read(601, bounds), undefined);
  for (let at = 600; at < 1_200; at += 10) values.add(at, at + 10, 0.8);
  const { sustained, recent } = values.read(600, bounds) ?? {};
  assert.deepEqual([sustained?.toFixed(6), recent?.toFixed(6)], ["0.800000", "0.800000"]);
});

test("once what lasted is over its time begins anew: a burst soon after doesn't bring it back", () => {
  const values = new Sustained();
  const feed = (from: number, to: number, value: number) => {
    for (let at = from; at < to; at += 10) values.add(at, at + 10, value);
    return values.read(600, bounds)?.sustained.toFixed(2);
  };
  assert.equal(feed(0, 600, 1), "1.00");
  assert.equal(feed(600, 660, 0.1), "0.73", "a short lull: it lasts");
  assert.equal(feed(660, 700, 0.1), undefined, "it is over");
  assert.equal(
    feed(700, 1_290, 1),
    undefined,
    "each third is beyond the bound before ten minutes are over again",
  );
  assert.equal(feed(1_290, 1_310, 1), "1.00");
  assert.equal(feed(1_310, 1_320, 0.1), "0.95");
});

/** A machine whose CPU and timers are as told. */
function machineOn(clock: FakeClock) {
  const state = { cpu: 0.1, delayMs: 0 };
  let [busy, all, at] = [0, 0, 0];
  const cpu = async () => {
    const now = clock.monotonic();
    busy += (now - at) * state.cpu;
    all += now - at;
    at = now;
    return { busy, all };
  };
  const thresholds = effectiveThresholds({ sustainedMs: 60_000 });
  return { state, machine: new Machine({ cpu, loopDelayMs: () => state.delayMs }, () => thresholds, clock) };
}

test("right after the start nothing is known, and a machine that is busy all the time is noticed once", async (t) => {
  const clock = new FakeClock();
  const { state, machine } = machineOn(clock);
  t.after(() => machine.dispose());
  state.cpu = 1;
  let crossed = 0;
  machine.onCrossed(() => crossed++);
  await clock.pass(59_000);
  assert.deepEqual([(await machine.read()).cpu, crossed], [undefined, 0]);
  await clock.pass(5_000);
  assert.deepEqual([(await machine.read()).cpu?.sustained, crossed], [1, 1]);
  state.cpu = 0.1;
  await clock.pass(120_000);
  assert.equal(crossed, 2);
});

test("what goes on now is known after the time that is shown, whatever was before", async (t) => {
  const clock = new FakeClock();
  const { state, machine } = machineOn(clock);
  t.after(() => machine.dispose());
  await clock.pass(20_000);
  assert.equal((await machine.read()).now.cpu, undefined, "not yet");
  await clock.pass(40_000);
  state.cpu = 1;
  await clock.pass(15_000);
  const half = (await machine.read()).now.cpu ?? 0;
  assert.ok(half > 0.4 && half < 0.7, `${half}`);
  await clock.pass(20_000);
  const { now, nowMs } = await machine.read();
  assert.deepEqual([now.cpu, nowMs], [1, 30_000]);
});

test("a machine that slept was not busy, and its timers were not late", async (t) => {
  const clock = new FakeClock();
  const { state, machine } = machineOn(clock);
  t.after(() => machine.dispose());
  await clock.pass(90_000);
  state.delayMs = 3_600_000;
  clock.sleep(3_600_000);
  assert.equal((await machine.read()).loopDelayMs, undefined);
  state.delayMs = 1;
  await clock.pass(90_000);
  assert.equal((await machine.read()).loopDelayMs?.sustained, 1);
});

test("CPU time is read from the kernel's line; waiting for a disk is no work", () => {
  const stat = "cpu  100 20 30 800 40 5 5 9 7 0\ncpu0 1 1 1 1 1 1 1 1 1 1\n";
  assert.deepEqual(parseCpuLine(stat), { busy: 160, all: 1_000 });
});

test("what this machine says of itself is plausible", async (t) => {
  const loop = measureLoopDelay();
  t.after(() => loop.dispose());
  const sensors = systemSensors(tmpdir(), loop);
  const [before, memory, disk, descriptors] = [
    ...[await sensors.cpu(), await sensors.memory()],
    ...[await sensors.disk(), await sensors.descriptors()],
  ] as const;
  holdUp(300);
  const after = await sensors.cpu();
  assert.ok(after.busy > before.busy && after.all - before.all >= after.busy - before.busy);
  assert.ok(memory && memory.total <= totalmem() && memory.available > 0 && memory.available <= memory.total);
  assert.ok(Math.abs(memory.available - freemem()) < totalmem() / 4);
  assert.ok(disk.total > 0 && disk.available <= disk.total);
  assert.ok(descriptors && descriptors.open > 3 && descriptors.open < descriptors.most);
});

function groups(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), "devlatch-cgroup-"));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

test("of a container's memory the page cache is not counted, in both versions of control groups", async (t) => {
  const root = groups(t);
  const self = join(root, "self");
  const two = join(root, "two/app");
  const one = join(root, "one/memory");
  for (const directory of [two, one]) mkdirSync(directory, { recursive: true });
  writeFileSync(join(two, "memory.current"), "900\n");
  writeFileSync(join(two, "memory.stat"), "anon 200\ninactive_file 600\n");
  writeFileSync(self, "0::/app\n");
  assert.equal(await cgroupMemory(join(root, "two"), self), 300);
  // Seen from inside, the group is the root.
  writeFileSync(join(one, "memory.usage_in_bytes"), "900\n");
  writeFileSync(join(one, "memory.stat"), "inactive_file 1\ntotal_inactive_file 500\n");
  writeFileSync(self, "5:cpu,memory:/docker/abc\n0::/\n");
  assert.equal(await cgroupMemory(join(root, "one"), self), 400);
  assert.equal(await cgroupMemory(join(root, "none"), self), undefined);
});

test("of thresholds the editor's come before the file's, and what neither names is as usual", () => {
  const { cpu, disk, confirmMs } = effectiveThresholds(
    { cpu: { warning: 50, critical: 80 } },
    { cpu: { warning: 60 } },
  );
  assert.deepEqual(
    [cpu, disk, confirmMs],
    [{ warning: 60, critical: 80 }, { warning: 80, critical: 90 }, 30_000],
  );
});
