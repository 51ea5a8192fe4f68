import { monotonicMs } from "../../integration/locks/history/events.ts";
import type { RedisServer } from "../../support/redis.ts";
import { waitFor } from "../../support/wait.ts";
import { atLeast, atMost, median, quantile, type Row, shown } from "../numbers.ts";
import type { Turn } from "./member.ts";
import { Member } from "./members.ts";
import { openSubject, type Subject, type SubjectName, subjectNames } from "./subjects.ts";

/** Where the measurements happen. */
export interface Bench {
  readonly redis: RedisServer;
  readonly peers: string;
  /** 1 for the full table; less for a quick look. */
  readonly effort: number;
}

/** Rounds that warm up; twice as many are measured. */
const rounds = 15;
const rivals = ["devlatch", "redlock", "redis-semaphore"] as const;

/** Lock and unlock with no one competing; rounds of all subjects take turns, so that noise strikes all alike. */
export async function uncontended(bench: Bench): Promise<Row[]> {
  const pairs = Math.ceil(200 * bench.effort);
  const costs = await inTurns(bench, subjectNames, async (name, subject) => {
    for (let i = 0; i < pairs; i++) await (await subject.lock(`{bench}:${name}`))();
  });
  const floor = costs.get("raw") ?? Number.NaN;
  return rivals.map((name) => {
    const ratio = (costs.get(name) ?? Number.NaN) / floor;
    const what = `lock + unlock, no one competing: ${name}`;
    return name === "devlatch"
      ? atMost(what, "two raw round trips", ratio, 1.1)
      : shown(what, "two raw round trips", ratio);
  });
}

/** @returns the median time of a round by subject, in milliseconds, after half as many rounds to warm up */
async function inTurns(
  { redis, peers }: Bench,
  names: readonly SubjectName[],
  round: (name: SubjectName, subject: Subject) => Promise<unknown>,
): Promise<Map<SubjectName, number>> {
  const opening = names.map(async (name) => [name, await openSubject(name, redis.url, peers)] as const);
  const subjects = await Promise.all(opening);
  const times = new Map<SubjectName, number[]>(names.map((name) => [name, []]));
  for (let i = 0; i < 3 * rounds; i++) {
    for (const [name, subject] of subjects) {
      const begun = monotonicMs();
      await round(name, subject);
      if (i >= rounds) times.get(name)?.push(monotonicMs() - begun);
    }
  }
  for (const [, subject] of subjects) await subject.close();
  return new Map([...times].map(([name, values]) => [name, median(values)]));
}

/** From a release in one process to the grant in another. */
export async function handOff(bench: Bench): Promise<Row[]> {
  const floor = median(await latencies(bench, "raw", "publish"));
  const times = new Map<SubjectName, number>();
  for (const name of rivals) times.set(name, median(await latencies(bench, name, "release")));
  const ours = times.get("devlatch") ?? Number.NaN;
  const best = Math.min(times.get("redlock") ?? Number.NaN, times.get("redis-semaphore") ?? Number.NaN);
  return [
    atMost("hand-off to a waiter in another process: devlatch", "PUBLISH → message", ours / floor, 1.4),
    atLeast("hand-off: the best peer", "devlatch", best / ours, 20),
  ];
}

async function latencies(bench: Bench, name: SubjectName, event: "publish" | "release"): Promise<number[]> {
  const { redis, peers, effort } = bench;
  const [one, two] = [await Member.start(name, redis.url, peers), await Member.start(name, redis.url, peers)];
  const taken: number[] = [];
  try {
    for (let round = 0; round < Math.ceil(300 * effort); round++) {
      const key = `{bench}:${name}`;
      if (event === "release") await one.at({ do: "acquire", key });
      const arriving = two.at(event === "release" ? { do: "acquire", key } : { do: "listen" });
      // The waiter is at it by then; the peers show no one that waits, so that it can't be awaited. Not always the same
      // time: who polls every 10 ms would be met in step.
      await new Promise((resolve) => setTimeout(resolve, 10 + Math.random() * 15));
      const from = await one.at(event === "release" ? { do: "release" } : { do: "publish" });
      taken.push((await arriving) - from);
      if (event === "release") await two.at({ do: "release" });
    }
  } finally {
    await Promise.all([one.stop(), two.stop()]);
  }
  // The first ones run code that isn't compiled yet.
  return taken.slice(taken.length / 3);
}

/** 64 contenders in 4 processes for one key, each holding it for 2 ms. */
export async function contention({ redis, peers, effort }: Bench): Promise<Row[]> {
  const rows: Row[] = [];
  for (const name of rivals) {
    const members = await Promise.all([0, 1, 2, 3].map(() => Member.start(name, redis.url, peers)));
    const before = await scriptCalls(redis);
    const order = {
      do: "contend",
      key: `{bench}:${name}`,
      loops: 16,
      holdMs: 2,
      ms: 4_000 * effort,
    } as const;
    const turns = (await Promise.all(members.map((member) => member.turns(order)))).flat();
    const commands = (await scriptCalls(redis)) - before;
    await Promise.all(members.map((member) => member.stop()));
    rows.push(...contentionRows(name, turns, commands));
  }
  return rows;
}

function contentionRows(name: string, turns: readonly Turn[], commands: number): Row[] {
  const waits = turns.map(({ askedAt, grantedAt }) => grantedAt - askedAt);
  const ordered = turns.toSorted((a, b) => a.grantedAt - b.grantedAt);
  const elapsed = (ordered.at(-1)?.releasedAt ?? 0) - (ordered[0]?.grantedAt ?? 0);
  const held = turns.reduce((sum, { grantedAt, releasedAt }) => sum + releasedAt - grantedAt, 0) / elapsed;
  const inverted = inversions(ordered) / turns.length;
  const spread = quantile(waits, 0.99) / median(waits);
  const [who, ours] = [`64 contenders, ${name}`, name === "devlatch"];
  return ours
    ? [
        atMost(`${who}: commands`, "a grant", commands / turns.length, 2.05, "commands"),
        atMost(`${who}: wait p99`, "p50", spread, 1.1),
        atMost(`${who}: granted before one that asked 5 ms earlier`, "all grants", inverted, 0, "share"),
        atLeast(`${who}: time held`, "all the time", held, 0.95, "share"),
      ]
    : [
        shown(`${who}: commands`, "a grant", commands / turns.length, "commands"),
        shown(`${who}: wait p99`, "p50", spread),
        shown(`${who}: granted before one that asked 5 ms earlier`, "all grants", inverted, "share"),
        shown(`${who}: time held`, "all the time", held, "share"),
      ];
}

/** Grants after which another was granted that had asked at least 5 ms earlier: what arrives together has no order. */
function inversions(ordered: readonly Turn[]): number {
  let count = 0;
  let earliestLater = Number.POSITIVE_INFINITY;
  for (const { askedAt } of ordered.toReversed()) {
    if (earliestLater < askedAt - 5) count++;
    earliestLater = Math.min(earliestLater, askedAt);
  }
  return count;
}

/** Scripts, and SET, with which a peer takes its locks. */
async function scriptCalls(redis: RedisServer): Promise<number> {
  const stats = await redis.text("INFO", "commandstats");
  return [...stats.matchAll(/^cmdstat_(?:evalsha|eval|set):calls=(\d+)/gm)].reduce(
    (sum, [, calls]) => sum + Number(calls),
    0,
  );
}

/** One heartbeat for a thousand locks of a sandbox beside one for a single lock. */
export async function renewal({ redis }: Bench): Promise<Row[]> {
  const { openRedisStore } = await import("../../../daemon/store/redis/store.ts");
  const store = await openRedisStore({ url: redis.url, clientName: "renewal" });
  const locks = Array.from({ length: 1_000 }, (_, i) => ({
    ...{ key: `renew:{bench}:${i}`, token: `token${i}`, ttlMs: 60_000, owner: "bench" },
  }));
  await Promise.all(locks.map((lock) => store.locks.acquire(lock, 0)));
  // Redis learns the script.
  await store.locks.renew(locks.slice(0, 1));
  const before = await scriptCalls(redis);
  await store.locks.renew(locks);
  const commands = (await scriptCalls(redis)) - before;
  await store.close();
  return [atMost("renewing 1,000 locks of one sandbox", "one lock", commands, 1, "commands")];
}

/** Many keys at once, as much as the connection takes. */
export async function pipelined(bench: Bench): Promise<Row[]> {
  const keys = Array.from({ length: Math.ceil(500 * bench.effort) }, (_, i) => `{bench}:many:${i}`);
  const times = await inTurns(bench, ["raw", "devlatch"], (name, subject) =>
    Promise.all(keys.map(async (key) => (await subject.lock(`${key}:${name}`))())),
  );
  const rate = (times.get("raw") ?? Number.NaN) / (times.get("devlatch") ?? Number.NaN);
  return [atLeast("many keys, pipelined", "raw SET NX + compare-and-delete", rate, 0.8)];
}

/** Whether Redis still answers, so that a failure names itself and not the next measurement. */
export async function settled({ redis }: Bench): Promise<void> {
  await waitFor("Redis", async () => (await redis.command("PING")) === "+PONG");
}
