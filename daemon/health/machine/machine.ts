import { type Disposable, Scope } from "../../../shared/base/disposable.ts";
import { Emitter } from "../../../shared/base/emitter.ts";
import type { Thresholds } from "../../../shared/model/health-thresholds.ts";
import type { Timing } from "../timing.ts";
import { boundsOf } from "./bounds.ts";
import type { CpuTimes, Sensors } from "./sensors.ts";
import { type Lasting, Sustained } from "./sustained.ts";

/** So many samples within the time that is shown, and within the time that counts. */
const samplesInShown = 6;
const samplesInCounting = 12;
/** CPU time has a grain of 10 ms: over a shorter time than this it says nothing, in milliseconds. */
const shortestMs = 200;
/** What was measured over a shorter time isn't shown, in milliseconds. */
const tellingMs = 5_000;
/** The shortest time over which a machine is called busy, in milliseconds. */
const shortestNowMs = 3_000;

/** Averages; undefined until it was watched long enough. Shares of 1, and milliseconds. */
export interface Averages {
  readonly cpu: number | undefined;
  readonly loopDelayMs: number | undefined;
}

/** What lasts on this machine; undefined until it was watched long enough. Shares of 1, and milliseconds. */
export interface MachineState {
  readonly cpu: Lasting | undefined;
  readonly loopDelayMs: Lasting | undefined;
  /** Over the last minutes, or what is known of them so far. */
  readonly latest: Averages;
  /** Over the last `nowMs` milliseconds, which are too short to count. */
  readonly now: Averages;
  readonly nowMs: number;
}

/** Watches what goes up and down from second to second. */
export class Machine implements Disposable {
  readonly #sensors: Pick<Sensors, "cpu" | "loopDelayMs">;
  readonly #thresholds: () => Thresholds;
  readonly #clock: Timing;
  readonly #scope = new Scope();
  readonly #crossed = this.#scope.add(new Emitter<void>());
  readonly #cpu = new Sustained();
  readonly #loop = new Sustained();
  #last: { readonly at: number; readonly times: CpuTimes } | undefined;
  #isBusy = false;
  #timer: Disposable | undefined;

  /** Fires when it is busy for long enough now, and when it no longer is. */
  readonly onCrossed = this.#crossed.event;

  constructor(sensors: Pick<Sensors, "cpu" | "loopDelayMs">, thresholds: () => Thresholds, clock: Timing) {
    this.#sensors = sensors;
    this.#thresholds = thresholds;
    this.#clock = clock;
    void this.#watch();
  }

  /** As of now. */
  async read(): Promise<MachineState> {
    await this.#sample();
    const thresholds = this.#thresholds();
    const { sustainedMs } = thresholds;
    const { cpu, loopDelayMs } = boundsOf(thresholds);
    const nowMs = this.#nowMs();
    return {
      cpu: this.#cpu.read(sustainedMs, cpu),
      loopDelayMs: this.#loop.read(sustainedMs, loopDelayMs),
      latest: this.#averages(sustainedMs / 3, Math.min(tellingMs, sustainedMs / 3)),
      now: this.#averages(nowMs, nowMs),
      nowMs,
    };
  }

  dispose(): void {
    this.#timer?.dispose();
    this.#scope.dispose();
  }

  async #watch(): Promise<void> {
    try {
      this.#notice(await this.read());
    } catch {
      // The check says what can't be read.
    }
    if (this.#scope.disposed) return;
    const everyMs = Math.min(
      this.#nowMs() / samplesInShown,
      this.#thresholds().sustainedMs / samplesInCounting,
    );
    this.#timer = this.#clock.after(everyMs, () => void this.#watch());
  }

  /** A moment says nothing, and what counts is shown by itself. */
  #nowMs(): number {
    const { confirmMs, sustainedMs } = this.#thresholds();
    return Math.min(Math.max(confirmMs, shortestNowMs), sustainedMs);
  }

  #averages(overMs: number, leastMs: number): Averages {
    return { cpu: this.#cpu.average(overMs, leastMs), loopDelayMs: this.#loop.average(overMs, leastMs) };
  }

  async #sample(): Promise<void> {
    const times = await this.#sensors.cpu();
    const at = this.#clock.monotonic();
    const last = this.#last;
    if (last !== undefined && at - last.at < shortestMs) return;
    this.#last = { at, times };
    const delayMs = this.#sensors.loopDelayMs();
    if (last === undefined || this.#hasSlept(at - last.at)) return;
    const all = times.all - last.times.all;
    this.#cpu.add(last.at, at, all > 0 ? Math.max(0, times.busy - last.times.busy) / all : 0);
    this.#loop.add(last.at, at, delayMs);
  }

  /** A machine that was suspended hasn't been busy all the time, and its timers weren't late. */
  #hasSlept(gapMs: number): boolean {
    if (gapMs <= this.#thresholds().sustainedMs / 3) return false;
    for (const value of [this.#cpu, this.#loop]) value.clear();
    return true;
  }

  #notice({ cpu, loopDelayMs }: MachineState): void {
    const thresholds = this.#thresholds();
    const isBusy =
      (cpu?.sustained ?? 0) * 100 >= thresholds.cpu.warning ||
      (loopDelayMs?.sustained ?? 0) >= thresholds.loopDelayMs.warning;
    if (isBusy !== this.#isBusy) this.#crossed.fire();
    this.#isBusy = isBusy;
  }
}
