import { concurrencyCheck } from "../../../daemon/health/checks/concurrency.ts";
import { databaseCheck } from "../../../daemon/health/checks/database.ts";
import { resourcesCheck, type UsedTree } from "../../../daemon/health/checks/resources.ts";
import {
  type CheckedServer,
  type ServerAnswer,
  serversCheck,
} from "../../../daemon/health/checks/servers.ts";
import { storeCheck } from "../../../daemon/health/checks/store.ts";
import { Machine } from "../../../daemon/health/machine/machine.ts";
import { HealthMonitor } from "../../../daemon/health/monitor.ts";
import { noConcurrency } from "../../../shared/model/concurrency.ts";
import type { HealthReport } from "../../../shared/model/health.ts";
import { defaultThresholds } from "../../../shared/model/health-thresholds.ts";
import { randomFrom } from "../../support/random.ts";
import type { FakeClock } from "./fake-clock.ts";

const second = 1_000;
const minute = 60 * second;
const gigabyte = 1024 ** 3;

/** What goes on, and wears off. Times are the clock's, in milliseconds. */
interface Burst {
  readonly from: number;
  readonly to: number;
}

/** A developer's machine over a day: what is measured there, with the noise of normal use. */
export class SimulatedDay {
  readonly #clock: FakeClock;
  readonly #random: () => number;
  readonly #bursts: readonly Burst[];
  readonly #builds: readonly Burst[];
  readonly #restarts: readonly Burst[];
  readonly #compiles: readonly Burst[];
  #cpu = { at: 0, busy: 0, all: 0 };
  #loopAt = 0;
  /** What is really wrong, on top of the noise. */
  readonly faults = { cpu: false, storeStopped: false, serverGone: false, memoryFull: false };

  constructor(clock: FakeClock, seed: number) {
    this.#clock = clock;
    this.#random = randomFrom(seed);
    this.#bursts = this.#scatter(48, 5 * second, minute);
    this.#builds = this.#scatter(24, minute, 5 * minute);
    this.#restarts = this.#scatter(96, second / 5, 1.5 * second);
    this.#compiles = this.#scatter(96, second, 20 * second);
  }

  /** The real state machine over the real checks, looking at this machine. */
  monitor(onReport: (report: HealthReport) => void) {
    const clock = this.#clock;
    const thresholds = () => defaultThresholds;
    const machine = new Machine(
      { cpu: async () => this.#cpuTimes(), loopDelayMs: () => this.#loopDelayMs() },
      thresholds,
      clock,
    );
    const sensors = {
      memory: async () => this.#memory(),
      disk: async () => ({
        available: 100 * gigabyte - this.#share() * 20 * gigabyte,
        total: 250 * gigabyte,
      }),
      descriptors: async () => ({ open: 40 + Math.floor(this.#random() * 200), most: 1024 }),
    };
    const monitor = new HealthMonitor(
      {
        store: storeCheck({ kind: "redis", probe: async () => this.#probe() }, thresholds),
        database: databaseCheck({
          files: ["/home/store.db"],
          scratchFile: "/home/.scratch",
          examine: async ({ files }) => ({
            files: files.map(({ file, thorough }) => ({
              ...{ kind: "sound", file, roundTripMs: this.#slowNowAndThen(5, 900, 0.03) },
              ...(thorough ? { thoroughMs: 20 } : {}),
            })),
          }),
          onDamaged: () => undefined,
          thresholds,
          clock,
        }),
        concurrency: concurrencyCheck(async () => noConcurrency),
        resources: resourcesCheck({
          ...{ sensors, machine, thresholds },
          trees: () => this.#trees(),
          refreshSettings: async () => undefined,
        }),
        servers: serversCheck({
          servers: () => servers,
          ask: async (server) => this.#ask(server),
          used: () => undefined,
          thresholds,
          clock,
        }),
      },
      clock,
    );
    machine.onCrossed(() => monitor.recheck("resources"));
    monitor.onChanged(onReport);
    monitor.begin();
    const dispose = () => {
      monitor.dispose();
      machine.dispose();
    };
    return { monitor, dispose };
  }

  /** Anything happened to a server: the daemon looks. */
  get events(): readonly number[] {
    return [...this.#restarts, ...this.#compiles].map(({ from }) => from);
  }

  /** @returns bursts over the day, at any time but never two at once, of a length between the two */
  #scatter(count: number, least: number, most: number): Burst[] {
    const slot = (24 * 60 * minute) / count;
    return Array.from({ length: count }, (_, index) => {
      const length = least + this.#random() * (most - least);
      const from = index * slot + this.#random() * (slot * 0.9 - length);
      return { from, to: from + length };
    });
  }

  /** How much of the day is over. */
  #share(): number {
    return this.#clock.monotonic() / (24 * 60 * minute);
  }

  #isIn(bursts: readonly Burst[], at = this.#clock.monotonic()): boolean {
    return bursts.some(({ from, to }) => at >= from && at < to);
  }

  /** Four cores: a server's start and a build take them all. */
  #cpuTimes(): { busy: number; all: number } {
    const now = this.#clock.monotonic();
    for (let at = this.#cpu.at; at < now; at += second) {
      const ms = Math.min(second, now - at);
      const isBusy = this.faults.cpu || this.#isIn(this.#bursts, at) || this.#isIn(this.#builds, at);
      this.#cpu.busy += 4 * ms * (isBusy ? 0.97 : 0.05 + 0.3 * this.#random());
      this.#cpu.all += 4 * ms;
    }
    this.#cpu.at = now;
    return { busy: this.#cpu.busy, all: this.#cpu.all };
  }

  #loopDelayMs(): number {
    const sinceMs = this.#clock.monotonic() - this.#loopAt;
    this.#loopAt = this.#clock.monotonic();
    // After a sleep all timers are late.
    if (sinceMs > minute) return sinceMs;
    return this.#slowNowAndThen(10, 800, 0.05);
  }

  /**
   * The page cache takes all that nothing else does; what is available leaves it out. A build takes much in its first
   * moments.
   */
  #memory(): { available: number; total: number } {
    const total = 16 * gigabyte;
    const beginnings = this.#builds.map(({ from }) => ({ from, to: from + 25 * second }));
    const spike = this.#isIn(beginnings) ? 0.35 : 0;
    const used = this.faults.memoryFull ? 0.95 : 0.4 + 0.15 * Math.sin(this.#share() * 12) + spike;
    return { available: total * (1 - used), total };
  }

  async #probe(): Promise<number> {
    if (this.faults.storeStopped) throw new Error("ECONNREFUSED");
    return this.#slowNowAndThen(3, 900, 0.02);
  }

  #ask({ key }: CheckedServer): ServerAnswer {
    if (this.faults.serverGone && key === "api") return { kind: "refused" };
    if (this.#isIn(this.#restarts)) return { kind: "refused" };
    if (this.#isIn(this.#compiles)) return { kind: "silent" };
    return { kind: "answer", status: this.#random() < 0.1 ? 404 : 200 };
  }

  #trees(): readonly UsedTree[] {
    const memoryBytes = (0.6 + this.#random() * 2) * gigabyte;
    const used = { time: this.#clock.epoch(), cpuPercent: 100 * this.#random(), memoryBytes, processes: 12 };
    const most = { processes: 1_000, memoryBytes: 12.8 * gigabyte };
    return servers.map(({ key, name }) => ({ key, session: name, used, most }));
  }

  #slowNowAndThen(usualMs: number, slowMs: number, share: number): number {
    return this.#random() < share ? slowMs * (0.5 + this.#random()) : usualMs * this.#random();
  }
}

const servers = ["web", "api"].map((app) => ({
  ...{ key: app, name: `${app} of shop`, state: "ready" as const },
  ...{ url: "http://localhost:3000", ready: undefined },
}));
