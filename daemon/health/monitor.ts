import { runWithDeadline } from "../../shared/base/deadline.ts";
import { type Disposable, every, Scope } from "../../shared/base/disposable.ts";
import { Emitter } from "../../shared/base/emitter.ts";
import { toErrorShape } from "../../shared/base/errors.ts";
import { SingleFlight } from "../../shared/base/single-flight.ts";
import {
  type HealthComponent,
  type HealthComponentName,
  type HealthReport,
  worstStatus,
} from "../../shared/model/health.ts";
import type { Check } from "./contract.ts";

/** Longest time one component's check may take, in milliseconds. */
const checkTimeoutMs = 5_000;
/** Time between two checks nobody asked for, in milliseconds. */
const checkEveryMs = 5 * 60_000;

/** Checks all components: every 5 minutes, on demand, and when told that something changed. */
export class HealthMonitor implements Disposable {
  readonly #checks: Readonly<Record<HealthComponentName, Check>>;
  readonly #scope = new Scope();
  readonly #changed = this.#scope.add(new Emitter<HealthReport>());
  readonly onChanged = this.#changed.event;
  readonly #flights = new SingleFlight<HealthReport>();
  #latest: HealthReport | null = null;
  #checking = false;
  /** Something changed during a check, which may have looked before that. */
  #outdated = false;

  constructor(checks: Readonly<Record<HealthComponentName, Check>>) {
    this.#checks = checks;
    this.#scope.add(every(checkEveryMs, () => this.recheck()));
  }

  get latest(): HealthReport | null {
    return this.#latest;
  }

  /** Checks now; callers at the same time share one check. Never rejects: a failing check is a result. */
  check(): Promise<HealthReport> {
    return this.#flights.run("check", () => this.#checkAll());
  }

  /** Checks in the background, e.g. after a server started or the store came back; once more after a check under way. */
  recheck(): void {
    if (this.#scope.disposed) return;
    if (this.#checking) this.#outdated = true;
    else void this.check();
  }

  async #checkAll(): Promise<HealthReport> {
    this.#checking = true;
    this.#outdated = false;
    try {
      return await this.#checkEach();
    } finally {
      this.#checking = false;
      // Not before the flight that callers share has ended.
      if (this.#outdated) setImmediate(() => this.recheck());
    }
  }

  async #checkEach(): Promise<HealthReport> {
    const [store, database, concurrency, resources, servers] = await Promise.all([
      this.#checkOne("store"),
      this.#checkOne("database"),
      this.#checkOne("concurrency"),
      this.#checkOne("resources"),
      this.#checkOne("servers"),
    ]);
    const components = { store, database, concurrency, resources, servers };
    const status = worstStatus(Object.values(components).map((component) => component.status));
    this.#latest = { status, components, checkedAt: Date.now() };
    this.#changed.fire(this.#latest);
    return this.#latest;
  }

  async #checkOne(name: HealthComponentName): Promise<HealthComponent> {
    const beganAt = performance.now();
    const latency = () => Number((performance.now() - beganAt).toFixed(2));
    try {
      const result = await runWithDeadline(checkTimeoutMs, `The check of ${name}`, this.#checks[name]);
      return { ...result, latencyMs: latency() };
    } catch (error) {
      const { message, remedy } = toErrorShape(error);
      return { status: "critical", summary: `${message} ${remedy}`, latencyMs: latency() };
    }
  }

  dispose(): void {
    this.#scope.dispose();
  }
}
