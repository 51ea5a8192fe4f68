import { tagOf } from "../../../../daemon/store/redis/keys.ts";
import type { Attempt, History } from "./events.ts";
import { type OrderVerdict, orderKept } from "./order.ts";

/** What a history came to. `problems` is empty where every promise was kept. */
export interface Verdict extends OrderVerdict {
  readonly problems: readonly string[];
  /** Attempts, releases and writes. */
  readonly operations: number;
  readonly grants: number;
  readonly refusedWrites: number;
  /** Writes that were accepted though a later holder had written already. */
  readonly staleWrites: number;
  /** Two that believed to hold the lock at once. */
  readonly overlaps: number;
  /** Those of them where a process was frozen or Redis had just lost its data: it can't be ruled out. */
  readonly excusedOverlaps: number;
  readonly neverEnded: number;
}

export type Granted = Attempt & { readonly grantedAt: number; readonly fence: number };

/**
 * Checks what locks promise: a fence is given once; a grant asked for after another was received has a higher fence;
 * no holder's belief to hold a lock overlaps another's, but where that can't be promised; no write of a former holder is
 * accepted after one of a later; one that was queued is granted before one that asks later; every attempt ends. Of locks
 * without fences (0) what concerns fences isn't asked.
 */
export function check(history: History): Verdict {
  const problems: string[] = [];
  const granted = history.attempts.filter(isGranted);
  const open = history.attempts.filter(({ outcome }) => outcome === undefined);
  problems.push(...open.map((attempt) => `${name(attempt)} never ended`));
  const pairs: (readonly [Granted, Granted])[] = [];
  let excusedOverlaps = 0;
  for (const grants of Object.values(Object.groupBy(granted, ({ key }) => key))) {
    if (!grants) continue;
    if (grants.every(({ fence }) => fence > 0))
      problems.push(...repeatedFences(grants), ...fallenFences(grants));
    for (const pair of overlaps(grants)) {
      pairs.push(pair);
      if (isExcused(pair, grants, history)) excusedOverlaps++;
      else problems.push(`${name(pair[0])} and ${name(pair[1])} held it at once`);
    }
  }
  const order = orderKept(granted, history.faults);
  problems.push(
    ...order.inversions.map(([a, b]) => `${name(b)} overtook ${name(a)}, which was queued before it asked`),
  );
  const stale = granted.filter((grant) => grant.stale > 0);
  problems.push(...stale.map((grant) => `${name(grant)} wrote after a later holder`));
  const sum = (count: (attempt: Attempt) => number) =>
    history.attempts.reduce((all, one) => all + count(one), 0);
  return {
    ...order,
    problems,
    operations: history.attempts.length + granted.length + sum(({ accepted, refused }) => accepted + refused),
    grants: granted.length,
    refusedWrites: sum(({ refused }) => refused),
    staleWrites: sum((attempt) => attempt.stale),
    overlaps: pairs.length,
    excusedOverlaps,
    neverEnded: open.length,
  };
}

function isGranted(attempt: Attempt): attempt is Granted {
  return attempt.grantedAt !== undefined;
}

function repeatedFences(grants: readonly Granted[]): string[] {
  const byFence = new Map<number, Granted>();
  const problems = [];
  for (const grant of grants) {
    const earlier = byFence.get(grant.fence);
    if (earlier) problems.push(`${name(grant)} got the fence of ${name(earlier)}`);
    byFence.set(grant.fence, grant);
  }
  return problems;
}

/** One that asked after another was told of a grant has the higher fence. */
function fallenFences(grants: readonly Granted[]): string[] {
  const byGrant = grants.toSorted((a, b) => a.grantedAt - b.grantedAt);
  const byAsking = grants.toSorted((a, b) => a.invokedAt - b.invokedAt);
  const problems = [];
  let highest: Granted | undefined;
  let next = 0;
  for (const grant of byAsking) {
    for (let told = byGrant[next]; told && told.grantedAt < grant.invokedAt; told = byGrant[++next]) {
      if (!highest || told.fence > highest.fence) highest = told;
    }
    if (highest && grant.fence <= highest.fence) {
      problems.push(`${name(grant)} has a fence not above that of ${name(highest)}, granted before it asked`);
    }
  }
  return problems;
}

function overlaps(grants: readonly Granted[]): (readonly [Granted, Granted])[] {
  const pairs: (readonly [Granted, Granted])[] = [];
  let last: Granted | undefined;
  for (const grant of grants.toSorted((a, b) => a.grantedAt - b.grantedAt)) {
    if (last && endOf(last) > grant.grantedAt) pairs.push([last, grant]);
    if (!last || endOf(grant) > endOf(last)) last = grant;
  }
  return pairs;
}

/**
 * A frozen process can't notice the time, and who never used a sandbox can't know that all of it was lost
 * (ARCHITECTURE.md).
 */
function isExcused(
  [first, second]: readonly [Granted, Granted],
  grants: readonly Granted[],
  history: History,
) {
  const [from, to] = [first.invokedAt, endOf(second)];
  return history.faults.some((fault) => {
    if (fault.kind === "pause") {
      const struck = fault.worker === first.worker || fault.worker === second.worker;
      return struck && fault.from <= to && fault.to >= from;
    }
    if (fault.kind !== "flush" && fault.kind !== "restart") return false;
    // A worker that had never held a lock of this sandbox before the loss was granted it after that.
    const since = grants.filter(({ grantedAt }) => grantedAt >= fault.from && grantedAt <= second.grantedAt);
    return since.some(({ worker, key }) => !knew(worker, tagOf(key), fault.from, history.attempts));
  });
}

function knew(worker: number, tag: string, before: number, attempts: readonly Attempt[]): boolean {
  return attempts.some(
    (attempt) =>
      attempt.worker === worker && tagOf(attempt.key) === tag && (attempt.grantedAt ?? before) < before,
  );
}

function endOf({ stoppedAt }: Granted): number {
  return stoppedAt ?? Number.POSITIVE_INFINITY;
}

function name({ id, key, fence, invokedAt, queuedAt, grantedAt, stoppedAt, outcome }: Attempt): string {
  const times = [invokedAt, queuedAt, grantedAt, stoppedAt]
    .map((at) => (at === undefined ? "–" : at.toFixed(1)))
    .join(" ");
  return `${id} on ${key} (fence ${fence ?? "none"}; asked, queued, granted, stopped at ${times}; ${outcome ?? "open"})`;
}
