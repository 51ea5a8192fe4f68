import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { Finding } from "../../../shared/model/doctor.ts";
import type { LockView } from "../../../shared/model/lock.ts";
import type { StatusResult } from "../../../shared/protocol/methods.ts";
import { often, sample } from "../../support/campaign.ts";
import { isPortFree } from "../../support/ports.ts";
import { waitFor } from "../../support/wait.ts";
import { type StepCall, stepCalls, World, type WorldOptions } from "./world.ts";

/** A cleanup in whose middle the daemon is killed. */
export interface Scenario {
  readonly name: string;
  readonly options?: WorldOptions;
  /** Brings everything up to the moment before the cleanup. @returns what the cleanup needs */
  prepare(world: World, t: TestContext): Promise<Prepared>;
}

export interface Prepared {
  /** Begins the cleanup and sees it through; it may be cut off at any moment. */
  act(): Promise<unknown>;
  /** What must hold besides what always must, once the next daemon runs. */
  verify?(): Promise<void>;
}

/** Steps taken of each kind of call. */
export const taken: Readonly<Record<StepCall, number>> = {
  pwrite64: often(1, Number.POSITIVE_INFINITY),
  rename: often(1, Number.POSITIVE_INFINITY),
  unlink: often(1, Number.POSITIVE_INFINITY),
};

/** Numbers from `first` to `last`, at most `count` of them, by the seed. */
export function choose(first: number, last: number, count: number): readonly number[] {
  return sample(
    Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index),
    count,
  );
}

/** Where the steps of the cleanup begin and end, of each kind. */
async function count(scenario: Scenario, t: TestContext): Promise<ReadonlyMap<StepCall, [number, number]>> {
  const world = await World.create(t, scenario.options);
  const { act } = await scenario.prepare(world, t);
  const daemon = world.home.daemonPid();
  const before = stepCalls.map((call) => world.steps(call, daemon));
  await act();
  return new Map(
    stepCalls.map((call, index) => [call, [before[index] ?? 0, world.steps(call, daemon)]] as const),
  );
}

/** What holds when a cleanup is over, by whomever it was finished. */
export async function assertClean(world: World): Promise<void> {
  const { sessions, cleanups } = await waitFor("the next daemon to have finished", async () => {
    const status = await world.ok<StatusResult>(["status"]);
    const over = status.sessions.every(({ state }) => state.kind === "stopped" || state.kind === "failed");
    // One that is about to end answers no more: then no daemon said so.
    return status.daemon !== null && over && status;
  });
  assert.deepEqual(cleanups, []);
  assert.deepEqual([world.launches(), await isPortFree(world.port)], [0, true], JSON.stringify(sessions));
  assert.deepEqual(await world.ok<LockView[]>(["locks"]), []);
  const sockets = readdirSync(join(world.home.directory, "sessions"), { recursive: true }).map(String);
  assert.deepEqual(
    sockets.filter((name) => name.endsWith("host.sock")),
    [],
  );
  const { json } = await world.cli(["doctor"]);
  const { findings } = json as { findings: readonly Finding[] };
  assert.deepEqual(
    findings.filter(({ fix, level }) => fix || level === "problem"),
    [],
  );
  assert.equal(existsSync(join(world.home.directory, "cleanups.json")), false);
  world.verify();
}

/** Kills the daemon at steps of the cleanup, each time in a world of its own. */
export function sweep(scenario: Scenario): void {
  test(`the daemon is killed in ${scenario.name}, at any step: the next one finishes it`, {
    timeout: 3_600_000,
  }, async (t) => {
    const steps = await count(scenario, t);
    let died = 0;
    for (const [call, [before, after]] of steps) {
      for (const at of choose(before + 1, after, taken[call])) {
        await t.test(`at ${call} ${at} of ${before}..${after}`, async (inner) => {
          const world = await World.create(inner, scenario.options);
          await world.daemon(`${call}:signal=SIGKILL:when=${at}`);
          const prepared = await scenario.prepare(world, inner);
          await prepared.act();
          if (!(await world.endDaemon())) died++;
          await world.ok(["status"]);
          await prepared.verify?.();
          await world.cli(["stop", "web"]);
          await assertClean(world);
        });
      }
    }
    assert.ok(died > 0, "some of them hit");
  });
}
