import * as z from "zod";
import { type Alert, AlertKind, type AlertProblem, AlertSeverity } from "../../shared/model/alert.ts";

/** A problem that comes back within this time is the same one flapping, and isn't told again. Milliseconds. */
const flapMs = 10 * 60_000;

/** What is remembered of a problem. Times are milliseconds since the epoch. */
const Memory = z.object({
  since: z.number(),
  /** The worst that a user was told of it. */
  told: AlertSeverity.nullable(),
  /** When it went; null while it stands. */
  goneAt: z.number().nullable(),
  snoozedUntil: z.number().nullable(),
});
type Memory = z.infer<typeof Memory>;

/** What outlives the daemon. */
export const KeptAlerts = z.object({
  memories: z.record(z.string(), Memory).default({}),
  muted: z.array(AlertKind).default([]),
  pausedUntil: z.number().nullable().default(null),
});
export type KeptAlerts = z.infer<typeof KeptAlerts>;

/** A problem, and how long it must stand before it is told, in milliseconds. */
export interface Problem extends AlertProblem {
  readonly settleMs: number;
}

const rank = { warning: 1, critical: 2 } as const;

/** Which problems stand, who was told of them, and what the user doesn't want to hear. Knows no clock of its own. */
export class AlertBook {
  readonly #memories: Map<string, Memory>;
  readonly #muted: Set<AlertKind>;
  #problems: readonly Problem[] = [];

  /** @param now when the kept ones were taken up: who reports them says so again */
  constructor(kept: Pick<KeptAlerts, "memories" | "muted">, now: number) {
    const goneBy = (memory: Memory) => ({ ...memory, goneAt: memory.goneAt ?? now });
    this.#memories = new Map(Object.entries(kept.memories).map(([id, memory]) => [id, goneBy(memory)]));
    this.#muted = new Set(kept.muted);
  }

  /** Takes over everything that is wrong now; what isn't among it is gone. */
  update(problems: readonly Problem[], now: number): void {
    this.#problems = problems;
    const present = new Set(problems.map(({ id }) => id));
    for (const id of present) this.#memories.set(id, begin(this.#memories.get(id), now));
    for (const [id, memory] of this.#memories) {
      if (present.has(id)) continue;
      const goneAt = memory.goneAt ?? now;
      const isOver = now - goneAt >= flapMs && (memory.snoozedUntil ?? 0) <= now;
      if (isOver) this.#memories.delete(id);
      else this.#memories.set(id, { ...memory, goneAt });
    }
  }

  /** Whether a problem with this id stands, or stood a short while ago. */
  knows(id: string): boolean {
    return this.#memories.has(id);
  }

  /** The worst first, then the oldest. */
  alerts(now: number): Alert[] {
    return this.#problems
      .flatMap((problem) => {
        const memory = this.#memories.get(problem.id);
        return memory ? [this.#view(problem, memory, now)] : [];
      })
      .sort((a, b) => rank[b.severity] - rank[a.severity] || a.since - b.since || (a.id < b.id ? -1 : 1));
  }

  get muted(): AlertKind[] {
    return [...this.#muted].sort();
  }

  /** When `alerts` changes by time alone, in milliseconds since the epoch; infinity: never. */
  nextChange(now: number): number {
    const times = this.#problems.flatMap(({ id, settleMs }) => {
      const memory = this.#memories.get(id);
      return memory ? [memory.since + settleMs, memory.snoozedUntil ?? 0] : [];
    });
    return Math.min(Number.POSITIVE_INFINITY, ...times.filter((time) => time > now));
  }

  /**
   * The caller tells its user of it.
   * @param since that of the alert as the caller saw it
   * @returns false where another window was quicker, or there is nothing to tell any more
   */
  take(id: string, since: number, now: number): boolean {
    const alert = this.alerts(now).find((one) => one.id === id && one.since === since);
    const memory = this.#memories.get(id);
    if (!alert?.notify || !memory) return false;
    this.#memories.set(id, { ...memory, told: alert.severity });
    return true;
  }

  /** Silences a problem until then, also if it goes and comes back. @returns whether it stands */
  snooze(id: string, until: number): boolean {
    const memory = this.#memories.get(id);
    if (memory?.goneAt !== null) return false;
    // A user who snoozes wants to hear of it again.
    this.#memories.set(id, { ...memory, snoozedUntil: until, told: null });
    return true;
  }

  mute(kind: AlertKind, muted: boolean): void {
    if (muted) this.#muted.add(kind);
    else this.#muted.delete(kind);
  }

  kept(): Pick<KeptAlerts, "memories" | "muted"> {
    return { memories: Object.fromEntries(this.#memories), muted: this.muted };
  }

  #view({ settleMs, ...problem }: Problem, { since, told, snoozedUntil }: Memory, now: number): Alert {
    const isSnoozed = snoozedUntil !== null && snoozedUntil > now;
    const isNews = told === null || rank[problem.severity] > rank[told];
    const notify = isNews && !isSnoozed && !this.#muted.has(problem.kind) && now >= since + settleMs;
    return { ...problem, since, notify, ...(isSnoozed ? { snoozedUntil } : {}) };
  }
}

/** A problem that stands already goes on; one that is back is new, but isn't told again if it flaps. */
function begin(memory: Memory | undefined, now: number): Memory {
  if (!memory) return { since: now, told: null, goneAt: null, snoozedUntil: null };
  if (memory.goneAt === null) return memory;
  const flaps = now - memory.goneAt < flapMs;
  return { ...memory, since: now, told: flaps ? memory.told : null, goneAt: null };
}
