import * as z from "zod";

/** A piece of work that holds locks while it waits for others. It travels between daemons. */
export const Participant = z.object({
  /** Identity of the work. */
  holder: z.string(),
  /** The same in words. */
  owner: z.string(),
  holds: z.array(z.object({ key: z.string(), fence: z.number() })),
  /** Since when, in milliseconds since the epoch by its own daemon's clock: only to tell who came last. */
  waits: z.array(z.object({ key: z.string(), since: z.number() })),
});
export type Participant = z.infer<typeof Participant>;

/** One step of a cycle: this work holds a lock and waits for the lock the next one holds. */
export interface Step {
  readonly holder: string;
  readonly owner: string;
  readonly holds: string;
  readonly waitsFor: string;
  readonly since: number;
}

/** Work that waits for itself: the first waits for the second, the last for the first. */
export type Cycle = readonly Step[];

type Graph = ReadonlyMap<string, readonly Edge[]>;
interface Edge {
  readonly to: string;
  readonly key: string;
  readonly since: number;
}

/**
 * Finds who waits for each other in a circle: one cycle, a shortest one, for every knot of the wait-for graph
 * (strongly connected component). The result doesn't depend on the order of the participants.
 * @param fenceOf the fence under which a lock is held now, as the store has it: what a participant says it holds
 *   counts only if the store says so too, since word of a release may be late
 */
export function findCycles(
  participants: readonly Participant[],
  fenceOf: (key: string) => number | undefined,
): readonly Cycle[] {
  const known = new Map(participants.map((one) => [one.holder, one]));
  const holderOf = new Map<string, string>();
  for (const { holder, holds } of participants) {
    for (const { key, fence } of holds) if (fenceOf(key) === fence) holderOf.set(key, holder);
  }
  const graph: Graph = new Map(
    [...known.keys()].sort().map((holder) => [holder, edgesOf(known.get(holder), holderOf)]),
  );
  const cycles: Cycle[] = [];
  const named = new Set<string>();
  for (const start of graph.keys()) {
    if (named.has(start)) continue;
    const path = shortestWayBack(graph, start);
    if (path === undefined) continue;
    for (const holder of knotOf(graph, start)) named.add(holder);
    cycles.push(toCycle(path, known));
  }
  return cycles;
}

function edgesOf(
  participant: Participant | undefined,
  holderOf: ReadonlyMap<string, string>,
): readonly Edge[] {
  return (participant?.waits ?? []).flatMap(({ key, since }) => {
    const to = holderOf.get(key);
    return to === undefined ? [] : [{ to, key, since }];
  });
}

interface Taken extends Edge {
  readonly from: string;
}

/** Breadth first from `start` until it is reached again. */
function shortestWayBack(graph: Graph, start: string): readonly Taken[] | undefined {
  const cameBy = new Map<string, Taken>();
  const queue = [start];
  for (let from = queue.shift(); from !== undefined; from = queue.shift()) {
    for (const edge of graph.get(from) ?? []) {
      if (cameBy.has(edge.to)) continue;
      cameBy.set(edge.to, { ...edge, from });
      if (edge.to === start) return pathBack(cameBy, start);
      queue.push(edge.to);
    }
  }
  return undefined;
}

function pathBack(cameBy: ReadonlyMap<string, Taken>, start: string): readonly Taken[] {
  const path: Taken[] = [];
  for (let step = cameBy.get(start); step !== undefined; step = cameBy.get(step.from)) {
    path.unshift(step);
    if (step.from === start) break;
  }
  return path;
}

/** All that can be reached from `start` and reach it. */
function knotOf(graph: Graph, start: string): ReadonlySet<string> {
  const backwards = new Map<string, Edge[]>();
  for (const [from, edges] of graph) {
    for (const edge of edges)
      backwards.set(edge.to, [...(backwards.get(edge.to) ?? []), { ...edge, to: from }]);
  }
  const reaching = reached(backwards, start);
  return new Set([...reached(graph, start)].filter((holder) => reaching.has(holder)));
}

function reached(graph: Graph, start: string): Set<string> {
  const seen = new Set([start]);
  for (const from of seen) for (const { to } of graph.get(from) ?? []) seen.add(to);
  return seen;
}

/** Each step holds the lock that the step before waits for. */
function toCycle(path: readonly Taken[], known: ReadonlyMap<string, Participant>): Cycle {
  return path.map(({ from, key, since }, index) => ({
    holder: from,
    owner: known.get(from)?.owner ?? "",
    holds: path.at(index - 1)?.key ?? "",
    waitsFor: key,
    since,
  }));
}
