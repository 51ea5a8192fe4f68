import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { test } from "node:test";
import { cutPower, expectGone } from "./power-cut.ts";
import { inWorld, type World } from "./world.ts";

// Runs alone: the number that the kernel gives out next is one for all of the machine, and another test's process may
// take a pid and keep it.

test(
  "the pids of server and host are really given to innocent processes: those get no signal",
  { skip: process.getuid?.() !== 0 && "choosing the next pid takes root" },
  inWorld({}, async (world) => {
    const { pid, host } = await cutPower(world);
    const taken = [await takePid(world, pid), await takePid(world, host)];
    assert.deepEqual(taken, [pid, host]);
    await expectGone(world);
  }),
);

/** Starts an innocent process with just this pid: the kernel gives out the number after the last one. */
async function takePid(world: World, pid: number): Promise<number> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const innocent = await world.innocent({}, () =>
      writeFileSync("/proc/sys/kernel/ns_last_pid", String(pid - 1)),
    );
    if (innocent.pid === pid) return pid;
  }
  throw new Error(`Another process always was quicker in taking pid ${pid}.`);
}
