import { setTimeout as delay } from "node:timers/promises";
import { Redis } from "ioredis";
import { monotonicMs } from "../../integration/locks/history/events.ts";
import { openSubject, type Subject, type SubjectName } from "./subjects.ts";

/** What a member process is asked, and answers with one message each. Times are monotonic, in milliseconds. */
export type Order =
  | { readonly do: "acquire"; readonly key: string }
  | { readonly do: "release" }
  | {
      readonly do: "contend";
      readonly key: string;
      readonly loops: number;
      readonly holdMs: number;
      readonly ms: number;
    }
  | { readonly do: "publish" }
  | { readonly do: "listen" };

/** One grant under competition. */
export interface Turn {
  readonly askedAt: number;
  readonly grantedAt: number;
  readonly releasedAt: number;
}

export type Answer = { readonly at: number } | { readonly turns: readonly Turn[] } | { readonly ready: true };

const [, , url = "", name = "raw", peers = ""] = process.argv;
const channel = "bench";

let release: (() => Promise<unknown>) | undefined;
const subject = await openSubject(name as SubjectName, url, peers);
const publisher = new Redis(url);
const subscriber = new Redis(url);
await subscriber.subscribe(channel);

async function obey(order: Order): Promise<Answer> {
  switch (order.do) {
    case "acquire":
      release = await subject.lock(order.key);
      return { at: monotonicMs() };
    case "release": {
      const at = monotonicMs();
      await release?.();
      return { at };
    }
    case "contend":
      return { turns: await contend(subject, order) };
    case "publish": {
      const at = monotonicMs();
      await publisher.publish(channel, "now");
      return { at };
    }
    case "listen":
      return new Promise((resolve) => subscriber.once("message", () => resolve({ at: monotonicMs() })));
  }
}

async function contend({ lock }: Subject, order: Extract<Order, { do: "contend" }>): Promise<Turn[]> {
  const turns: Turn[] = [];
  const until = monotonicMs() + order.ms;
  const loop = async () => {
    while (monotonicMs() < until) {
      const askedAt = monotonicMs();
      const unlock = await lock(order.key);
      const grantedAt = monotonicMs();
      await delay(order.holdMs);
      const releasedAt = monotonicMs();
      await unlock();
      turns.push({ askedAt, grantedAt, releasedAt });
    }
  };
  await Promise.all(Array.from({ length: order.loops }, loop));
  return turns;
}

process.on("message", (order: Order) => {
  obey(order).then(
    (answer) => process.send?.(answer),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});
process.on("disconnect", () => process.exit(0));
process.send?.({ ready: true } satisfies Answer);
