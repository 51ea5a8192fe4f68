import { openAnnouncedDaemon } from "../../integration/locks/daemons.ts";
import { startProgram } from "../../support/child.ts";
import { waitFor } from "../../support/wait.ts";
import { atMost, quantile, type Row, shown } from "../numbers.ts";
import type { Bench } from "./measure.ts";

const register = new URL("../../support/register.mjs", import.meta.url).href;
const program = new URL("../../integration/locks/owner.ts", import.meta.url).pathname;
const ttlMs = 30_000;
const locksOfOwner = 20;

/** From the SIGKILL of a daemon that holds locks to their grants to waiters of another daemon. */
export async function takeover({ redis, effort }: Bench): Promise<Row[]> {
  const ends: (() => void | Promise<void>)[] = [];
  const { service } = await openAnnouncedDaemon({ after: (end) => void ends.push(end) }, redis.url);
  const taken: number[] = [];
  for (let round = 0; round < Math.ceil(8 * effort); round++) {
    const keys = Array.from({ length: locksOfOwner }, (_, i) => `takeover:{bench}:${round}:${i}`);
    const words = ["--import", register, program, redis.url, keys.join(), String(ttlMs)];
    const owner = await startProgram(process.execPath, words);
    await owner.printed(/held/);
    const terms = { ttlMs, waitMs: 2 * ttlMs, owner: "bench" };
    const waiting = keys.map((key) => service.withLock(key, terms, async () => performance.now()));
    const queued = async () =>
      (await service.list()).filter(({ key, waiters }) => keys.includes(key) && waiters === 1).length;
    await waitFor("all to wait", async () => (await queued()) === keys.length);
    // Not in step with the looks of those who wait.
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 250));
    const killedAt = performance.now();
    owner.process.kill("SIGKILL");
    for (const at of await Promise.all(waiting)) taken.push(at - killedAt);
    await owner.finished();
  }
  for (const end of ends) await end();
  const share = (quantileOf: number) => quantile(taken, quantileOf) / ttlMs;
  return [
    atMost(
      "takeover after a daemon of this machine is killed, p99",
      "the locks' life of 30 s",
      share(0.99),
      1 / 30,
    ),
    shown("takeover after a daemon of this machine is killed, p50", "the locks' life of 30 s", share(0.5)),
  ];
}
