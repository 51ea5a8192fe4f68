import type { LockEvent } from "../../shared/model/concurrency.ts";
import type { Participant } from "./wait-graph.ts";

interface Attempt {
  readonly key: string;
  readonly owner: string;
  readonly state:
    | { readonly kind: "asking" }
    /** @see Participant for the time */
    | { readonly kind: "waiting"; readonly since: number }
    | { readonly kind: "holding"; readonly fence: number };
}

type Work = Map<number, Attempt>;

/** The attempts of this daemon that are under way, wait or hold now. */
export class LiveAttempts {
  readonly #byHolder = new Map<string, Work>();

  /** @returns whether who waits for whom may have changed: an owner of a lock began or ceased to wait */
  observe(event: LockEvent): boolean {
    const { key, owner, holder, attempt } = event;
    const work: Work = this.#byHolder.get(holder) ?? new Map<number, Attempt>();
    const before = isParticipant(work);
    switch (event.kind) {
      case "attempt":
        work.set(attempt, { key, owner, state: { kind: "asking" } });
        break;
      case "queued":
        work.set(attempt, { key, owner, state: { kind: "waiting", since: event.at } });
        break;
      case "granted":
        work.set(attempt, { key, owner, state: { kind: "holding", fence: event.fence } });
        break;
      case "released":
      case "lost":
      case "failed":
        work.delete(attempt);
        break;
    }
    if (work.size > 0) this.#byHolder.set(holder, work);
    else this.#byHolder.delete(holder);
    return event.kind !== "attempt" && (before || isParticipant(work));
  }

  /** How many hold a lock and how many wait for one, by key. */
  byKey(): ReadonlyMap<string, { holding: number; waiting: number }> {
    const counts = new Map<string, { holding: number; waiting: number }>();
    for (const work of this.#byHolder.values()) {
      for (const { key, state } of work.values()) {
        const count = counts.get(key) ?? { holding: 0, waiting: 0 };
        if (state.kind === "holding") count.holding++;
        else if (state.kind === "waiting") count.waiting++;
        counts.set(key, count);
      }
    }
    return counts;
  }

  /** Who holds locks and waits for others: only they can be part of a cycle. */
  participants(): readonly Participant[] {
    return [...this.#byHolder]
      .filter(([, work]) => isParticipant(work))
      .map(([holder, work]) => describe(holder, work));
  }
}

function isParticipant(work: Work): boolean {
  if (work.size < 2) return false;
  const kinds = new Set([...work.values()].map(({ state }) => state.kind));
  return kinds.has("waiting") && kinds.has("holding");
}

function describe(holder: string, work: Work): Participant {
  const own = [...work.values()];
  return {
    holder,
    owner: own.find(({ state }) => state.kind === "waiting")?.owner ?? "",
    holds: own.flatMap(({ key, state }) => (state.kind === "holding" ? [{ key, fence: state.fence }] : [])),
    waits: own.flatMap(({ key, state }) => (state.kind === "waiting" ? [{ key, since: state.since }] : [])),
  };
}
