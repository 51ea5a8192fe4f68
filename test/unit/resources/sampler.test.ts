import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import type { ProcessUsage, TreeRoot } from "../../../daemon/processes/processes.ts";
import { ResourceSampler } from "../../../daemon/resources/sampler.ts";
import { ShownResources } from "../../../daemon/resources/shown.ts";
import type { LiveTree, TreeSample } from "../../../daemon/resources/tree-source.ts";
import { Emitter } from "../../../shared/base/emitter.ts";
import { silentLog } from "../../support/log.ts";
import { waitFor } from "../../support/wait.ts";

const root: TreeRoot = { leader: { pid: 1, startTime: "boot:1" }, cookie: "c" };
const tree = (key: string, launchId = `${key}-1`): LiveTree => ({ key, launchId, root });

/** Trees and processes in memory, under a clock that goes on by a second after each look. */
class World {
  readonly changed = new Emitter<void>();
  live: LiveTree[] = [];
  looks = 0;
  /** How often the processes were asked. */
  asked = 0;
  /** Each look, every tree has used this much more CPU time, in milliseconds. */
  cpuMsPerLook = 500;
  memoryBytes = 1000;
  fail = false;
  readonly rounds: (readonly TreeSample[])[] = [];
  readonly sampler: ResourceSampler;

  constructor(t: TestContext, given: { live?: LiveTree[] } = {}) {
    Object.assign(this, given);
    const clock = { monotonic: () => this.looks * 1_000, epoch: () => 5_000_000 + this.looks * 1_000 };
    const source = { trees: () => this.live, onChanged: this.changed.event };
    const usage = async (roots: readonly TreeRoot[]) => {
      this.asked++;
      return roots.map(() => this.#look());
    };
    this.sampler = new ResourceSampler(source, {
      ...{ processes: { usage }, log: silentLog, clock },
      ...{ everyMs: 10, soonMs: 2 },
    });
    t.after(() => this.sampler.dispose());
    this.sampler.onSampled((samples) => this.rounds.push(samples));
  }

  set(...live: LiveTree[]): void {
    this.live = live;
    this.changed.fire();
  }

  #look(): ProcessUsage[] {
    const cpuMs = this.looks * this.cpuMsPerLook;
    setImmediate(() => this.looks++);
    if (this.fail) throw new Error("no ps");
    return [{ pid: 1, startTime: "boot:1", cpuMs, childrenCpuMs: 0, memoryBytes: this.memoryBytes }];
  }
}

describe("Sampling", () => {
  it("looks at nothing while nothing lives, and again as soon as something does", async (t) => {
    const world = new World(t);
    world.set();
    await new Promise((resolve) => setTimeout(resolve, 60));
    assert.equal(world.asked, 0);
    world.set(tree("a"));
    await waitFor("samples", () => world.rounds.length >= 2);
    world.set();
    const asked = world.asked;
    await new Promise((resolve) => setTimeout(resolve, 60));
    assert.ok(world.asked <= asked + 1, "a look that was under way, and no more");
  });

  it("tells key, launch, processes, memory and CPU as a share of one core, from the second look on", async (t) => {
    const world = new World(t, { live: [tree("a")] });
    await waitFor("a sample", () => world.rounds.length > 0);
    const [sample] = world.rounds[0] ?? [];
    assert.deepEqual(sample, {
      ...{ key: "a", launchId: "a-1", time: 5_001_000 },
      ...{ cpuPercent: 50, memoryBytes: 1000, processes: 1 },
    });
    assert.equal(world.sampler.latest("a")?.memoryBytes, 1000);
  });

  it("forgets a launch that is over at once, and keeps the history over the next one", async (t) => {
    const world = new World(t, { live: [tree("a")] });
    await waitFor("a sample", () => world.sampler.latest("a"));
    world.set();
    assert.equal(world.sampler.latest("a"), undefined);
    const before = world.sampler.history("a").samples.length;
    assert.ok(before > 0);
    world.rounds.length = 0;
    world.set(tree("a", "a-2"));
    await waitFor("a sample of the second launch", () => world.rounds.length > 0);
    assert.equal(world.rounds[0]?.[0]?.launchId, "a-2");
    assert.ok(world.sampler.history("a").samples.length > before);
  });

  it("takes nothing of one launch for the next: its CPU time starts from nothing known", async (t) => {
    const world = new World(t, { live: [tree("a")] });
    await waitFor("a sample", () => world.sampler.latest("a"));
    world.set(tree("a", "a-2"));
    assert.equal(world.sampler.latest("a"), undefined);
    await waitFor("figures", () => world.sampler.latest("a"));
    assert.equal(world.sampler.latest("a")?.cpuPercent, 50);
  });

  it("goes on after a look that failed", async (t) => {
    const world = new World(t, { live: [tree("a")] });
    world.fail = true;
    await waitFor("failed looks", () => world.looks > 2);
    assert.equal(world.rounds.length, 0);
    world.fail = false;
    await waitFor("a sample", () => world.rounds.length > 0);
  });
});

describe("What is shown", () => {
  const sample = (given: Partial<TreeSample> = {}): TreeSample => ({
    ...{ key: "a", launchId: "a-1", time: 0, cpuPercent: 10, memoryBytes: 100 * 1024 ** 2, processes: 3 },
    ...given,
  });

  function show() {
    const sampled = new Emitter<readonly TreeSample[]>();
    const told: string[] = [];
    const live = new Set(["a", "b"]);
    const latest = (key: string) => (live.has(key) ? sample() : undefined);
    const shown = new ShownResources({ onSampled: sampled.event, latest });
    shown.onChanged((key) => told.push(key));
    return { sampled, told, live, shown };
  }

  it("changes with what a reader would see: the first figures, processes, 5 points of CPU, a megabyte", () => {
    const { sampled, told } = show();
    sampled.fire([sample()]);
    assert.equal(told.length, 1);
    sampled.fire([sample({ cpuPercent: 14, memoryBytes: 100.9 * 1024 ** 2 })]);
    assert.equal(told.length, 1, "nothing to see");
    sampled.fire([sample({ cpuPercent: 16 })]);
    sampled.fire([sample({ cpuPercent: 16, memoryBytes: 102 * 1024 ** 2 })]);
    sampled.fire([sample({ cpuPercent: 16, memoryBytes: 102 * 1024 ** 2, processes: 4 })]);
    assert.equal(told.length, 4);
  });

  it("comes to rest on the true figures within a minute, and an idle server then sends nothing", () => {
    const { sampled, told, shown } = show();
    sampled.fire([sample({ cpuPercent: 4 })]);
    for (let time = 5_000; time < 600_000; time += 5_000) sampled.fire([sample({ time, cpuPercent: 0 })]);
    assert.equal(told.length, 2);
    assert.equal(shown.of("a", "a-1")?.cpuPercent, 0);
  });

  it("is nothing for another launch, or once the launch is over", () => {
    const { sampled, live, shown } = show();
    sampled.fire([sample()]);
    assert.deepEqual(shown.of("a", "a-2"), undefined);
    assert.equal(shown.of("a", "a-1")?.processes, 3);
    live.delete("a");
    assert.equal(shown.of("a", "a-1"), undefined);
  });
});
