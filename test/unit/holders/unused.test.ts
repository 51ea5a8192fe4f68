import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { type UnusedStop, UnusedStops } from "../../../daemon/holders/unused.ts";
import { Emitter } from "../../../shared/base/emitter.ts";
import type { SessionRecord } from "../../../shared/model/session.ts";
import { silentLog } from "../../support/log.ts";

const ready: SessionRecord = {
  session: "dev_server_web",
  app: "web",
  sandboxId: "sb_1",
  root: "/r",
  fence: 1,
  settings: { command: ["x"], cwd: "/r", env: {}, port: 3000 },
  stop: { signal: "SIGTERM", timeoutMs: 1 },
  restart: "never",
  restarts: 0,
  stopWhenUnused: { afterMs: 60_000 },
  hosting: { kind: "hosted", launchId: "l", directory: "/d", machineId: "here" },
  state: { kind: "ready", since: 0, pid: 1, startTime: "s", port: 3000, url: "http://localhost:3000" },
  startedAt: 0,
};

/** A session, who holds it, and what became of it, on a clock that the test moves. */
function watch(t: TestContext, given: Partial<SessionRecord> = {}) {
  t.mock.timers.enable({ apis: ["setInterval"] });
  const world = {
    record: { ...ready, ...given },
    held: true,
    person: false,
    visited: false,
    looks: 0,
    confirmed: 0,
    stops: [] as UnusedStop[],
    now: 0,
    changed: new Emitter<void>(),
    stop: async (_stop: UnusedStop): Promise<void> => {},
    /** Moves the clock, second by second. */
    async pass(seconds: number) {
      for (let second = 0; second < seconds; second++) {
        world.now += 1_000;
        t.mock.timers.tick(1_000);
        await turn();
      }
    },
  };
  const stops = new UnusedStops({
    holders: {
      isHeld: async () => {
        world.looks++;
        return world.held;
      },
      wasUsedByPerson: () => world.person,
      confirm: async () => {
        world.confirmed++;
      },
    },
    sessions: { all: () => [world.record], onChanged: world.changed.event },
    stop: async (stop) => {
      world.stops.push(stop);
      await world.stop(stop);
    },
    isVisited: async () => world.visited,
    machineId: "here",
    log: silentLog,
    now: () => world.now,
  });
  t.after(() => stops.dispose());
  return world;
}

test("a server is stopped once no one held it for the whole time, with the reason", async (t) => {
  const world = watch(t);
  await world.pass(300);
  assert.equal(world.stops.length, 0);
  world.held = false;
  await world.pass(55);
  assert.equal(world.stops.length, 0, "not yet");
  await world.pass(10);
  assert.deepEqual(
    world.stops.map(({ reason }) => reason),
    ["stopped: no one used it for 60 s"],
  );
});

test("a holder that comes back in time begins the time anew", async (t) => {
  const world = watch(t);
  world.held = false;
  await world.pass(50);
  world.held = true;
  await world.pass(10);
  world.held = false;
  await world.pass(55);
  assert.equal(world.stops.length, 0);
});

test("under the lock it is asked again, and a refusal or a failure is tried again a while later", async (t) => {
  const world = watch(t);
  world.held = false;
  world.stop = async ({ check }) => {
    world.held = true;
    await check();
  };
  await world.pass(70);
  assert.equal(world.stops.length, 1);
  await world.pass(100);
  assert.equal(world.stops.length, 1, "it is used");
  world.held = false;
  world.stop = async () => {
    throw new Error("It won't go.");
  };
  await world.pass(140);
  assert.equal(world.stops.length, 3);
});

test("nothing is looked at without such a server, nor one that starts, was adopted or is another machine's", async (t) => {
  const world = watch(t, { state: { kind: "stopped", since: 0 } });
  world.held = false;
  await world.pass(200);
  assert.equal(world.looks, 0, "no timer runs");
  const others: Partial<SessionRecord>[] = [
    { state: { kind: "starting", since: 0, phase: "spawned" } },
    { hosting: { kind: "adopted", machineId: "here", pid: 1, startTime: "s" } },
    { hosting: { kind: "hosted", launchId: "l", directory: "/d", machineId: "there" } },
  ];
  for (const given of others) {
    world.record = { ...ready, ...given };
    world.changed.fire();
    await world.pass(200);
  }
  assert.equal(world.looks, 0);
  assert.ok(world.confirmed > 0, "the other machine hears of our holders");
  assert.equal(world.stops.length, 0);
});

test("what an agent had started ends a while after its last user, unless a person used it", async (t) => {
  const { stopWhenUnused: _, ...others } = ready;
  const startedBy = { kind: "agent", label: "agent Claude Code (process 7)" } as const;
  const world = watch(t);
  world.record = { ...others, startedBy, stopAfterAgents: { afterMs: 60_000 } };
  world.changed.fire();
  world.held = false;
  world.person = true;
  await world.pass(200);
  assert.equal(world.stops.length, 0, "a person used it");
  world.person = false;
  world.visited = true;
  await world.pass(200);
  assert.equal(world.stops.length, 0, "a browser shows its page");
  world.visited = false;
  await world.pass(70);
  assert.deepEqual(
    world.stops.map(({ reason }) => reason),
    ["stopped: no one used it for 60 s, and agent Claude Code (process 7) had it started"],
  );
});
