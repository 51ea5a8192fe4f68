import type { Disposable } from "../../shared/base/disposable.ts";
import type { Event } from "../../shared/base/emitter.ts";
import type { HealthReport } from "../../shared/model/health.ts";

/** What the last check of health said of servers: a caller who gets one that runs is told, and nothing is asked for it. */
export class Unwell implements Disposable {
  readonly #subscription: Disposable;
  #report: HealthReport | undefined;

  constructor(onReport: Event<HealthReport>) {
    this.#subscription = onReport((report) => {
      this.#report = report;
    });
  }

  /** What is wrong with a session's server, in words; undefined where nothing is known to be. @param key of the session */
  of(key: string): string | undefined {
    const found = this.#report?.components.servers.findings?.find(({ id }) => id === `server:${key}`);
    return found === undefined || found.status === "healthy" ? undefined : found.summary;
  }

  dispose(): void {
    this.#subscription.dispose();
  }
}
