import type { Timing } from "../../../daemon/health/timing.ts";

interface Timer {
  readonly at: number;
  readonly work: () => void;
}

/** Time that passes when told, with everything in it that was to happen. */
export class FakeClock implements Timing {
  #now = 0;
  readonly #timers = new Set<Timer>();
  readonly #epoch: number;

  constructor(epoch = Date.UTC(2026, 0, 5, 8)) {
    this.#epoch = epoch;
  }

  monotonic(): number {
    return this.#now;
  }

  epoch(): number {
    return this.#epoch + this.#now;
  }

  after(ms: number, work: () => void) {
    const timer = { at: this.#now + ms, work };
    this.#timers.add(timer);
    return { dispose: () => void this.#timers.delete(timer) };
  }

  /** Lets time pass, timer by timer; what each sets off comes as far as it can without more time. */
  async pass(ms: number): Promise<void> {
    const end = this.#now + ms;
    await settled();
    for (let next = this.#next(end); next !== undefined; next = this.#next(end)) {
      this.#timers.delete(next);
      this.#now = Math.max(this.#now, next.at);
      next.work();
      await settled();
    }
    this.#now = end;
  }

  /** The machine sleeps: time passes and nothing happens. */
  sleep(ms: number): void {
    this.#now += ms;
  }

  #next(end: number): Timer | undefined {
    const due = [...this.#timers].filter(({ at }) => at <= end);
    return due.sort((one, other) => one.at - other.at)[0];
  }
}

/** Everything that is ready to run has run. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
}
