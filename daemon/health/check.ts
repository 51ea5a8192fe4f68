import type { HealthStatus } from "../../shared/model/health.ts";
import type { Threshold } from "../../shared/model/health-thresholds.ts";

/** How long something must be worse, look after look, before it is shown as worse. */
export interface Steadiness {
  readonly looks: number;
  /** Milliseconds. */
  readonly ms: number;
  /** A warning that goes on for so long is critical, in milliseconds. */
  readonly criticalAfterMs?: number;
}

interface Thing {
  /** The same from look to look as long as it is about the same thing. */
  readonly id: string;
  /** How it is, in words; shown unless it is healthy. */
  readonly words: string;
  /** Absent for what is sure at the first look: it is shown at once. */
  readonly steadiness?: Steadiness;
  /**
   * The thing this becomes if it lasts: until that one is shown, this is, without counting for the whole. Without it
   * everything counts.
   */
  readonly precedes?: string;
}

/** What one look found of one thing. */
export type Reading =
  | (Thing & { readonly kind: "fact"; readonly status: HealthStatus })
  | (Thing & {
      readonly kind: "measure";
      /** What decides whether it is worse. */
      readonly value: number;
      /** What decides whether it is better again, where that is something else. */
      readonly recent?: number;
      readonly threshold: Threshold;
      /** Of value and threshold. */
      readonly unit: "ms" | "%";
      /** How far below a threshold it must be to have recovered. */
      readonly margin: number;
    });

/** What one look at a component found. */
export interface Observation {
  readonly readings: readonly Reading[];
  /** Shown where nothing is wrong. */
  readonly fine: string;
  /** For the history: names as in `HealthComponent.values`. */
  readonly values?: Readonly<Record<string, number>>;
  /** Where the time it took to look says nothing: that of what was looked at, in milliseconds. */
  readonly latencyMs?: number;
}

/** How one component is looked at. */
export interface Check {
  /** Longest time a look may take, in milliseconds. */
  readonly deadlineMs: number;
  /** Not looked at before this time is over, unless a caller asks, in milliseconds. */
  readonly firstAfterMs?: number;
  /** It reacts to the signal. What it throws makes the component `unknown`, with the error's words. */
  look(signal: AbortSignal): Promise<Observation>;
}
