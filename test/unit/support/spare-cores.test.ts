import assert from "node:assert/strict";
import type { CpuInfo } from "node:os";
import { test } from "node:test";
import { SpareCores } from "../../support/runner/spare-cores.ts";

/** Two cores' times, as the operating system counts them: since its start. */
class TwoCores {
  #busyMs = 5_000;
  #idleMs = 90_000;

  spend(busyMs: number, idleMs: number): void {
    this.#busyMs += busyMs;
    this.#idleMs += idleMs;
  }

  readonly read = (): CpuInfo[] =>
    [0, 1].map(() => ({
      model: "",
      speed: 0,
      times: { user: this.#busyMs / 2, nice: 0, sys: 0, irq: 0, idle: this.#idleMs / 2 },
    }));
}

test("a machine has half a core to spare if half of one was idle since the last question", () => {
  const machine = new TwoCores();
  const cores = new SpareCores(machine.read);
  machine.spend(1_400, 600);
  assert.equal(cores.ask(0.5), true);
  machine.spend(1_600, 400);
  assert.equal(cores.ask(0.5), false);
  // No time has gone by: nothing is known.
  assert.equal(cores.ask(0.5), false);
});
