import { type Disposable, Scope } from "../../shared/base/disposable.ts";
import type { Event } from "../../shared/base/emitter.ts";
import { type HealthComponentName, type HealthReport, lastingStatus } from "../../shared/model/health.ts";
import type { HealthHistoryPage } from "../../shared/model/health-history.ts";
import type { HealthThresholds, Thresholds } from "../../shared/model/health-thresholds.ts";
import type { JournalEvent } from "../../shared/model/journal.ts";
import type { Looked } from "./component-watch.ts";
import type { HealthHistory, HistoryRequest } from "./history/history.ts";
import type { HealthMonitor } from "./monitor.ts";
import type { HealthSettings } from "./settings.ts";

interface HealthParts {
  readonly monitor: HealthMonitor;
  readonly history: HealthHistory;
  readonly settings: HealthSettings;
  readonly journal: { append(event: JournalEvent): void };
}

/** How Devlatch and the machine are, and were. */
export class Health implements Disposable {
  readonly #parts: HealthParts;
  readonly #scope = new Scope();

  constructor(parts: HealthParts) {
    this.#parts = parts;
    this.#scope.add(parts.monitor.onLooked((looked) => this.#note(looked)));
  }

  /** Fires with every new report. */
  get onChanged(): Event<HealthReport> {
    return this.#parts.monitor.onChanged;
  }

  /** The first checks, in the background. */
  begin(): void {
    void this.#parts.settings.refresh().then(() => this.#parts.monitor.begin());
  }

  /** Checks everything now. Never rejects: a failing check is a result. */
  async check(): Promise<HealthReport> {
    await this.#parts.settings.refresh();
    return this.#parts.monitor.check();
  }

  /** Checks these components in the background, for something changed. */
  recheck(...names: readonly HealthComponentName[]): void {
    this.#parts.monitor.recheck(...names);
  }

  /** @throws DevlatchError `INVALID_INPUT` for a cursor that isn't one; an error of SQLite */
  history(request: HistoryRequest): HealthHistoryPage {
    return this.#parts.history.page(request);
  }

  /** The thresholds that apply. */
  get thresholds(): Thresholds {
    return this.#parts.settings.current;
  }

  /** Takes the editor's thresholds, and looks again by them. */
  configure(set: HealthThresholds): void {
    this.#parts.settings.configure(set);
    this.recheck("store", "resources");
  }

  dispose(): void {
    this.#scope.dispose();
  }

  /** A first look is compared with what the daemon before recorded; where there was none, all was well. */
  #note({ name, component, before }: Looked): void {
    const { history, journal } = this.#parts;
    const from = before ?? history.lastStatus(name) ?? "healthy";
    history.record(name, component);
    const to = lastingStatus(component);
    const { summary } = component;
    if (to !== from) journal.append({ kind: "health", component: name, from, to, summary });
  }
}
