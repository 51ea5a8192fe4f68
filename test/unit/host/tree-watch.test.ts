import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { descendantsPace, lookAfterMs, membersPace } from "../../../daemon/host/pace.ts";
import { TreeWatch } from "../../../daemon/host/tree-watch.ts";
import type { ProcessIdentity } from "../../../shared/model/process.ts";

const server: ProcessIdentity = { pid: 7, startTime: "boot:7" };
const worker: ProcessIdentity = { pid: 8, startTime: "boot:8" };
const second = 1_000;
const minute = 60 * second;

/** A watch under a clock that only goes on when told, over a tree that does what it is told. */
class World {
  tree: readonly ProcessIdentity[] = [server];
  fails = false;
  /** When descendants and all members were looked at, in milliseconds. */
  readonly looks: number[] = [];
  readonly scans: number[] = [];
  readonly watch: TreeWatch;
  #now = 0;
  readonly #tick: (ms: number) => void;

  constructor(t: TestContext, adoptsOrphans: boolean) {
    t.mock.timers.enable({ apis: ["setTimeout"] });
    this.#tick = (ms) => t.mock.timers.tick(ms);
    const look = async (seen: number[]) => {
      seen.push(this.#now);
      if (this.fails) throw new Error("no /proc");
      return this.tree;
    };
    const looks = { descendants: () => look(this.looks), members: () => look(this.scans) };
    this.watch = new TreeWatch(looks, adoptsOrphans, () => this.#now);
    t.after(() => this.watch.dispose());
  }

  /** Lets so many milliseconds go by. */
  async pass(ms: number): Promise<void> {
    const end = this.#now + ms;
    while (this.#now < end) {
      this.#now += 50;
      this.#tick(50);
      // The look, and what follows from it.
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** How often anything was looked at in the next `ms` milliseconds. */
  async wakes(ms: number): Promise<number> {
    const before = this.looks.length + this.scans.length;
    await this.pass(ms);
    return this.looks.length + this.scans.length - before;
  }
}

describe("Looking at a launch's tree", () => {
  it("begins in its first moments, when most of it is made", async (t) => {
    const world = new World(t, true);
    await world.pass(second);
    assert.deepEqual(world.looks, [50, 150, 400, 1_000]);
  });

  it("hardly wakes where nothing happens", async (t) => {
    const world = new World(t, true);
    await world.pass(2 * minute);
    assert.ok((await world.wakes(10 * minute)) <= 25);
    assert.ok((await world.wakes(10 * minute)) >= 18, "but doesn't stop looking");
  });

  it("goes on as often as ever where nothing brings orphans back", async (t) => {
    const world = new World(t, false);
    await world.pass(2 * minute);
    assert.ok((await world.wakes(10 * minute)) >= 295);
    assert.ok(world.scans.length >= 23, "all processes, twice a minute");
  });

  it("is as often as ever again at the first sign of life, and for a while", async (t) => {
    const world = new World(t, true);
    await world.pass(10 * minute);
    world.watch.life();
    assert.ok((await world.wakes(2 * second + 50)) >= 1);
    assert.ok((await world.wakes(8 * second)) >= 3);
  });

  it("takes a process that comes, or goes, for a sign of life", async (t) => {
    const world = new World(t, true);
    await world.pass(10 * minute);
    for (const tree of [[server, worker], [worker]]) {
      world.tree = tree;
      const looks = world.looks.length;
      while (world.looks.length === looks) await world.pass(50);
      assert.ok((await world.wakes(8 * second)) >= 3, `${tree.length} processes`);
      await world.pass(10 * minute);
    }
  });

  it("misses no look for a tree that is never quiet, and makes none twice", async (t) => {
    const world = new World(t, true);
    await world.pass(2 * second);
    const before = world.looks.length;
    for (let step = 0; step < 200; step++) {
      world.watch.life();
      await world.pass(100);
    }
    const looks = world.looks.length - before;
    assert.ok(looks >= 9 && looks <= 10, `${looks} in twenty seconds`);
  });

  it("goes on after looks that failed, and ends with its disposal", async (t) => {
    const world = new World(t, true);
    world.fails = true;
    assert.ok((await world.wakes(20 * second)) >= 8);
    world.watch.dispose();
    world.watch.life();
    assert.equal(await world.wakes(minute), 0);
  });
});

describe("The pace", () => {
  it("falls with the time in which nothing happened, down to a bound", () => {
    const pauses = [0, 10, 20, 30, 60, 3_600].map((s) => lookAfterMs(descendantsPace, s * second, true));
    assert.deepEqual(pauses, [2_000, 2_000, 10_000, 15_000, 30_000, 30_000]);
    assert.equal(lookAfterMs(membersPace, 24 * 60 * minute, true), 5 * minute);
  });

  it("stays where what leaves is found by looks alone", () => {
    for (const pace of [descendantsPace, membersPace])
      assert.equal(lookAfterMs(pace, 60 * minute, false), pace.livelyMs);
  });
});
