import type { Attempt } from "./events.ts";

/** What the locks protect: it takes a write only if its fence is not below one it has seen. */
export class Resource {
  readonly #fences = new Map<string, number>();
  /** When the newest holder that has written was granted the lock, by key. */
  readonly #newest = new Map<string, number>();

  /** @param fence 0: nothing can be compared */
  take(attempt: Attempt, fence: number): boolean {
    const { key, grantedAt = 0 } = attempt;
    const accepted = fence === 0 || fence >= (this.#fences.get(key) ?? 0);
    if (!accepted) {
      attempt.refused++;
      return false;
    }
    this.#fences.set(key, fence);
    attempt.accepted++;
    if (grantedAt < (this.#newest.get(key) ?? 0)) attempt.stale++;
    else this.#newest.set(key, grantedAt);
    return true;
  }
}
