import { type Disposable, Scope } from "../../shared/base/disposable.ts";
import { Emitter } from "../../shared/base/emitter.ts";
import {
  type HealthComponent,
  type HealthComponentName,
  type HealthReport,
  healthComponents,
  lastingStatus,
  worstStatus,
} from "../../shared/model/health.ts";
import type { Check } from "./check.ts";
import { ComponentWatch, type Looked } from "./component-watch.ts";
import { systemTiming, type Timing } from "./timing.ts";

/** Time between two checks that no caller asked for, in milliseconds. */
const checkEveryMs = 5 * 60_000;

const notYet: HealthComponent = { status: "unknown", summary: "Not checked yet", latencyMs: 0 };

/**
 * Checks all components: every 5 minutes, on demand, when told that something changed, and soon again where something
 * is suspected. Each stands for itself: one that hangs holds no other up.
 */
export class HealthMonitor implements Disposable {
  readonly #clock: Timing;
  readonly #checks: Readonly<Record<HealthComponentName, Check>>;
  readonly #watches: Readonly<Record<HealthComponentName, ComponentWatch>>;
  readonly #scope = new Scope();
  readonly #changed = this.#scope.add(new Emitter<HealthReport>());
  readonly #looked = this.#scope.add(new Emitter<Looked>());
  #latest: HealthReport | null = null;
  #timer: Disposable | undefined;
  /** The check of all components under way. */
  #round: Promise<HealthReport> | undefined;

  /** Fires with every new report. */
  readonly onChanged = this.#changed.event;
  /** Fires after each look at a component. */
  readonly onLooked = this.#looked.event;

  constructor(checks: Readonly<Record<HealthComponentName, Check>>, clock: Timing = systemTiming) {
    this.#checks = checks;
    this.#clock = clock;
    const watches = healthComponents.map((name) => [name, this.#watch(name)] as const);
    this.#watches = Object.fromEntries(watches) as Record<HealthComponentName, ComponentWatch>;
    this.#scope.defer(() => this.#timer?.dispose());
    this.#checkLater();
  }

  get latest(): HealthReport | null {
    return this.#latest;
  }

  /** Checks now; callers at the same time share one check. Never rejects: a failing check is a result. */
  check(): Promise<HealthReport> {
    this.#round ??= this.#checkAll().finally(() => {
      this.#round = undefined;
    });
    return this.#round;
  }

  /** The first checks, in the background. */
  begin(): void {
    for (const name of healthComponents) this.#watches[name].lookSoon(this.#checks[name].firstAfterMs);
  }

  /** Checks these components in the background, e.g. after a server started; once more after a check under way. */
  recheck(...names: readonly HealthComponentName[]): void {
    if (this.#scope.disposed) return;
    for (const name of names) this.#watches[name].lookSoon();
  }

  dispose(): void {
    this.#scope.dispose();
  }

  async #checkAll(): Promise<HealthReport> {
    await Promise.all(Object.values(this.#watches).map((watch) => watch.look()));
    // Only now, so that listeners hear of a check once.
    return this.#publish();
  }

  #watch(name: HealthComponentName): ComponentWatch {
    const watch = this.#scope.add(new ComponentWatch(name, this.#checks[name], this.#clock));
    watch.onLooked((looked) => {
      this.#looked.fire(looked);
      if (this.#round === undefined) this.#publish();
    });
    return watch;
  }

  #publish(): HealthReport {
    const entries = healthComponents.map((name) => [name, this.#watches[name].latest ?? notYet] as const);
    const components = Object.fromEntries(entries) as HealthReport["components"];
    const known = entries.filter(([, component]) => component !== notYet);
    const status = worstStatus(known.map(([, component]) => lastingStatus(component)));
    this.#latest = { status, components, checkedAt: this.#clock.epoch() };
    this.#changed.fire(this.#latest);
    return this.#latest;
  }

  #checkLater(): void {
    this.#timer = this.#clock.after(checkEveryMs, () => {
      this.#checkLater();
      void this.check();
    });
  }
}
