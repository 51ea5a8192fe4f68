import { formatMs } from "../../../shared/base/deadline.ts";
import { toErrorShape } from "../../../shared/base/errors.ts";
import type { Thresholds } from "../../../shared/model/health-thresholds.ts";
import type { Check } from "../check.ts";

const deadlineMs = 5_000;
/** A store that is slow to answer is looked at so often before that counts. */
const slowLooks = 3;

/** What is checked of the store. */
export interface ProbedStore {
  readonly kind: string;
  /** Writes and reads. @returns the round trip in milliseconds */
  probe(signal: AbortSignal): Promise<number>;
}

/** A round trip of write and read. A store that can't do that is critical at once. */
export function storeCheck(store: ProbedStore, thresholds: () => Thresholds): Check {
  return {
    deadlineMs,
    look: async (signal) => {
      const asked = await roundTrip(store, signal);
      if (typeof asked === "string") {
        return { readings: [{ kind: "fact", id: "store", status: "critical", words: asked }], fine: "" };
      }
      const { storeMs, confirmMs } = thresholds();
      const words = `${nameOf(store)} takes ${formatMs(asked)} for a write and a read`;
      return {
        readings: [
          {
            kind: "measure",
            id: "store",
            words,
            value: asked,
            threshold: storeMs,
            unit: "ms",
            margin: storeMs.warning / 4,
            steadiness: { looks: slowLooks, ms: confirmMs },
          },
        ],
        fine: `${nameOf(store)} answers in ${formatMs(asked)}`,
        latencyMs: asked,
      };
    },
  };
}

/** @returns milliseconds, or what is wrong and what to do */
async function roundTrip(store: ProbedStore, signal: AbortSignal): Promise<number | string> {
  try {
    return await store.probe(signal);
  } catch (error) {
    if (signal.aborted) return `${nameOf(store)} gave no answer within ${formatMs(deadlineMs)}`;
    const { message, remedy } = toErrorShape(error);
    return `${message} ${remedy}`;
  }
}

function nameOf({ kind }: ProbedStore): string {
  return kind === "redis" ? "Redis" : "The embedded store";
}
