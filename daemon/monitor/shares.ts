import * as z from "zod";
import { hasCode } from "../../shared/base/errors.ts";
import type { SharedStore } from "./lock-source.ts";
import { Participant } from "./wait-graph.ts";
import { noCounts } from "./window.ts";

export const sharePrefix = "monitor/";
/** Each daemon that sees a share that has been out of date for this long removes it, in milliseconds. */
const sweepMs = 60_000;

const Counts = z.object({ attempts: z.number(), grants: z.number(), failures: z.number() });

/** What a daemon tells the others: who of it waits while holding, and what its window counts. */
export const Share = z.object({
  /** The daemon in words. */
  name: z.string(),
  participants: z.array(Participant),
  windows: z.array(Counts.extend({ key: z.string() })),
  total: Counts,
  holding: z.number(),
  waiting: z.number(),
});
export type Share = z.infer<typeof Share>;

/** `at` in the store's time; `validMs` later its daemon is dead unless it wrote again. */
const Written = z.object({ at: z.number(), validMs: z.number(), share: Share });

/** Whether a daemon has nothing to tell. */
export function isEmpty({ total, holding, waiting }: Share): boolean {
  return total.attempts === noCounts.attempts && holding === 0 && waiting === 0;
}

/** The daemons' shares in the store: one record each, stamped with the store's time. */
export class Shares {
  readonly #store: SharedStore;
  readonly #key: string;
  #version = 0;

  /** @param instance names the record; no two daemons have the same */
  constructor(store: SharedStore, instance: string) {
    this.#store = store;
    this.#key = `${sharePrefix}${instance}`;
  }

  /** Whether a record of the store is this daemon's share. */
  isOwn(key: string): boolean {
    return key === this.#key;
  }

  /**
   * @param validMs how long the others may believe it, in milliseconds
   * @throws DevlatchError `STORE_UNAVAILABLE`
   */
  async publish(share: Share, validMs: number): Promise<void> {
    const value = { at: await this.#store.now(), validMs, share };
    try {
      this.#version = await this.#store.records.put(this.#key, value, this.#version);
    } catch (error) {
      if (!hasCode(error, "RECORD_CONFLICT")) throw error;
      // The store came back empty, or an answer was lost.
      const there = await this.#store.records.get(this.#key);
      this.#version = await this.#store.records.put(this.#key, value, there?.version ?? 0);
    }
  }

  /** Takes back what was published. @throws DevlatchError `STORE_UNAVAILABLE` */
  async withdraw(): Promise<void> {
    const there = this.#version > 0 ? await this.#store.records.get(this.#key) : undefined;
    if (there) await this.#store.records.delete(this.#key, there.version);
    this.#version = 0;
  }

  /**
   * What the other daemons say, without those that seem dead.
   * @returns also how many records there are: as long as there are any, one daemon has to look
   * @throws DevlatchError `STORE_UNAVAILABLE`
   */
  async others(): Promise<{ shares: readonly Share[]; records: number }> {
    const records = (await this.#store.records.list(sharePrefix)).filter(({ key }) => key !== this.#key);
    if (records.length === 0) return { shares: [], records: 0 };
    const now = await this.#store.now();
    const shares: Share[] = [];
    for (const { key, value, version } of records) {
      const written = Written.safeParse(value);
      // What can't be read comes from another version of Devlatch, which sweeps its own.
      if (!written.success) continue;
      const { at, validMs, share } = written.data;
      const overdueMs = now - at - validMs;
      if (overdueMs < 0) shares.push(share);
      else if (overdueMs > sweepMs) await this.#store.records.delete(key, version);
    }
    return { shares, records: records.length };
  }
}
