/** How long a tree is looked at as often as ever after something happened in it, in milliseconds. */
const livelyMs = 10_000;

/** How often one thing is looked at, in milliseconds: while there is life, and at least. */
export interface Pace {
  readonly livelyMs: number;
  readonly quietMs: number;
}

/** How often a host's own descendants and the end of its command are looked for: that is cheap. */
export const descendantsPace: Pace = { livelyMs: 2_000, quietMs: 30_000 };
/** How often all processes of the machine are. */
export const membersPace: Pace = { livelyMs: 30_000, quietMs: 5 * 60_000 };

/**
 * How long until the next look at a tree, in milliseconds. Where nothing happens it grows with the time since: what left
 * then comes back to a host that adopts orphans, and a look only serves those who clean up after a host that was killed.
 * @param sinceLifeMs time since the last sign of life: output, input, a process that came or went; in milliseconds
 * @param adoptsOrphans whether what leaves the tree comes back to the host; where it doesn't only looks find it
 */
export function lookAfterMs(pace: Pace, sinceLifeMs: number, adoptsOrphans: boolean): number {
  if (!adoptsOrphans || sinceLifeMs <= livelyMs) return pace.livelyMs;
  return Math.min(pace.quietMs, Math.max(pace.livelyMs, sinceLifeMs / 2));
}
