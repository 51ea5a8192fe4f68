import { Scope } from "../../shared/base/disposable.ts";
import type { Builds } from "../output/builds.ts";
import type { SessionRegistry } from "../sessions/registry.ts";

/** What is known of sessions and their output, and tells when that changes. */
export interface SessionSources {
  readonly builds: Builds;
  readonly registry: Pick<SessionRegistry, "peek" | "onChanged">;
}

/**
 * Waits until the session with this key has written something or changed its state, at most `ms` milliseconds (0 or
 * infinite: without a limit).
 * @throws the signal's reason
 */
export function sessionChanged(
  {
    builds,
    registry,
  }: { readonly builds: Pick<Builds, "onLooked">; readonly registry: Pick<SessionRegistry, "onChanged"> },
  key: string,
  ms: number,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const scope = new Scope();
    const end = () => {
      scope.dispose();
      if (signal.aborted) reject(signal.reason);
      else resolve();
    };
    if (signal.aborted) return end();
    signal.addEventListener("abort", end, { once: true });
    scope.defer(() => signal.removeEventListener("abort", end));
    scope.add(builds.onLooked((one) => one === key && end()));
    scope.add(registry.onChanged((one) => one.key === key && end()));
    if (ms > 0 && Number.isFinite(ms)) {
      const timer = setTimeout(end, ms);
      scope.defer(() => clearTimeout(timer));
    }
  });
}
