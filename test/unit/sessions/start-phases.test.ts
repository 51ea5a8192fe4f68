import assert from "node:assert/strict";
import { test } from "node:test";
import { StartPhases } from "../../../daemon/sessions/start-phases.ts";
import { DevlatchError } from "../../../shared/base/errors.ts";
import { type SessionRecord, SessionState, type StartPhase } from "../../../shared/model/session.ts";
import { record } from "../language/texts.ts";

const ignore = () => {};
const log = { debug: ignore, info: ignore, warn: ignore, error: ignore };

/** Phases over a store that answers when it is told, or not at all. */
function over(phase: StartPhase) {
  const written: SessionRecord["state"][] = [];
  const world = { isAway: false, reads: 0, answer: Promise.resolve() };
  const registry = {
    write: async ({ state }: SessionRecord) => {
      await world.answer;
      if (world.isAway) throw new DevlatchError("STORE_UNAVAILABLE", "It is away.", "Wait.");
      written.push(state);
    },
    read: async () => {
      world.reads++;
      return undefined;
    },
  };
  const state = { kind: "starting", since: 7, phase } as const;
  const phases = new StartPhases(
    registry,
    log,
    "sb_1/web",
    record("web", { command: ["x"], cwd: "/" }, state),
  );
  return { world, written, phases };
}

const starting = (phase: StartPhase) => ({ kind: "starting", since: 7, phase });

test("phases are written in order, each once and none again", async () => {
  const { phases, written } = over("launching");
  for (const phase of ["launching", "spawned", "spawned", "listening"] as const) {
    phases.reach(phase);
    await phases.settled();
  }
  phases.reach("spawned");
  await phases.settled();
  assert.deepEqual(written, [starting("spawned"), starting("listening")]);
});

test("while one is being written, those that are passed meanwhile are left out", async () => {
  const { phases, written, world } = over("launching");
  const { promise, resolve } = Promise.withResolvers<void>();
  world.answer = promise;
  phases.reach("spawned");
  await Promise.resolve();
  phases.reach("listening");
  phases.reach("responding");
  resolve();
  await phases.settled();
  assert.deepEqual(written, [starting("spawned"), starting("responding")]);
});

test("a start goes on where a phase can't be written; what was written is looked at before its end is", async () => {
  const { phases, written, world } = over("listening");
  phases.reach("spawned");
  await phases.settled();
  assert.deepEqual([written, world.reads], [[], 0]);
  world.isAway = true;
  phases.reach("responding");
  await phases.settled();
  assert.deepEqual([written, world.reads], [[], 1]);
});

test("a phase of another build is taken for the first", () => {
  const state = { kind: "starting", since: 1, phase: "locking" };
  assert.deepEqual(SessionState.parse(state), { ...state, phase: "launching" });
});
