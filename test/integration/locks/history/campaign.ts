import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { type RedisServer, startRedis } from "../../../support/redis.ts";
import { startTcpProxy, type TcpProxy } from "../../../support/tcp-proxy.ts";
import {
  type Attempt,
  type Fault,
  type History,
  monotonicMs,
  seededRandom,
  type WorkerEvent,
} from "./events.ts";

export interface CampaignOptions {
  /** Names the order of faults; the processes' own timing differs from run to run. */
  readonly seed: number;
  readonly seconds: number;
  /** Faults that may strike. */
  readonly faults: readonly Fault["kind"][];
}

const workers = 4;
const ttlMs = 2_000;
const keys = ["a:{one}", "b:{one}", "c:{one}", "d:{two}", "e:{two}", "f:{three}", "g:{four}", "h:{five}"];
const register = new URL("../../../support/register.mjs", import.meta.url).href;
const program = new URL("./worker.ts", import.meta.url).pathname;

/** Lets processes fight for locks in a Redis of their own while faults strike them and it, and writes down what they say. */
export async function runCampaign(options: CampaignOptions): Promise<History> {
  const redis = await startRedis();
  const proxy = await startTcpProxy(redis.port);
  const campaign = new Campaign(options.seed, redis, proxy);
  try {
    return await campaign.run(options);
  } finally {
    campaign.killAll();
    await proxy.close();
    await redis.stop();
  }
}

class Campaign {
  readonly #random: () => number;
  readonly #redis: RedisServer;
  readonly #proxy: TcpProxy;
  readonly #seed: number;
  readonly #children = new Map<number, ChildProcess>();
  readonly #attempts = new Map<string, Attempt>();
  readonly #faults: Fault[] = [];
  /** The resource: the highest fence it has seen of each key. */
  readonly #seen = new Map<string, number>();
  #started = 0;

  constructor(seed: number, redis: RedisServer, proxy: TcpProxy) {
    this.#seed = seed;
    this.#random = seededRandom(seed);
    this.#redis = redis;
    this.#proxy = proxy;
  }

  async run({ seconds, faults }: CampaignOptions): Promise<History> {
    for (let worker = 0; worker < workers; worker++) this.#start();
    const until = monotonicMs() + seconds * 1_000;
    while (monotonicMs() < until) {
      await delay(200 + this.#random() * 800);
      const kind = faults[Math.floor(this.#random() * faults.length)];
      if (kind) await this.#strike(kind);
    }
    const ending = [...this.#children.values()].map((child) => this.#end(child));
    await Promise.all(ending);
    return { seed: this.#seed, ttlMs, attempts: [...this.#attempts.values()], faults: this.#faults };
  }

  killAll(): void {
    for (const child of this.#children.values()) child.kill("SIGKILL");
  }

  /** What still waits is given time to end by itself: an attempt that doesn't is what the check looks for. */
  async #end(child: ChildProcess): Promise<void> {
    child.send("stop", () => {});
    await once(child, "exit", { signal: AbortSignal.timeout(20_000) }).catch(() => {});
  }

  #start(): void {
    const worker = ++this.#started;
    // Half of them meet a bad network.
    const port = worker % 2 === 0 ? this.#proxy.port : this.#redis.port;
    const words = [`redis://127.0.0.1:${port}`, String(this.#seed * 1_000 + worker), String(ttlMs), ...keys];
    const child = fork(program, words, { execArgv: ["--import", register], serialization: "advanced" });
    this.#children.set(worker, child);
    child.on("message", (event: WorkerEvent) => this.#receive(worker, child, event));
    child.on("exit", () => this.#children.delete(worker));
  }

  #receive(worker: number, child: ChildProcess, event: WorkerEvent): void {
    const { id } = event;
    if (event.kind === "invoked") {
      this.#attempts.set(id, { id, worker, key: event.key, invokedAt: event.at, accepted: 0, refused: 0 });
      return;
    }
    const attempt = this.#attempts.get(id);
    if (!attempt) return;
    if (event.kind === "granted") Object.assign(attempt, { grantedAt: event.at, fence: event.fence });
    else if (event.kind === "stopped") attempt.stoppedAt ??= event.at;
    else if (event.kind === "ended") attempt.outcome = event.code;
    else child.send({ id, accepted: this.#take(attempt, event.key, event.fence) }, () => {});
  }

  #take(attempt: Attempt, key: string, fence: number): boolean {
    const accepted = fence >= (this.#seen.get(key) ?? 0);
    if (accepted) this.#seen.set(key, fence);
    attempt[accepted ? "accepted" : "refused"]++;
    return accepted;
  }

  async #strike(kind: Fault["kind"]): Promise<void> {
    const from = monotonicMs();
    const [worker, child] = [...this.#children][Math.floor(this.#random() * this.#children.size)] ?? [];
    const ofWorker = kind === "kill" || kind === "pause";
    if (ofWorker && (worker === undefined || child === undefined)) return;
    await this.#effects[kind](child as ChildProcess, worker ?? 0);
    this.#faults.push({ kind, from, to: monotonicMs(), ...(ofWorker && worker ? { worker } : {}) });
  }

  readonly #effects: Record<Fault["kind"], (child: ChildProcess, worker: number) => Promise<unknown>> = {
    kill: async (child, worker) => {
      child.kill("SIGKILL");
      const at = monotonicMs();
      // What it had said before is read first.
      await once(child, "close");
      for (const attempt of this.#attempts.values()) {
        if (attempt.worker !== worker || attempt.outcome !== undefined) continue;
        attempt.outcome = "killed";
        if (attempt.grantedAt !== undefined) attempt.stoppedAt ??= at;
      }
      this.#start();
    },
    pause: async (child) => {
      child.kill("SIGSTOP");
      await delay(ttlMs * (0.5 + this.#random()));
      child.kill("SIGCONT");
    },
    cut: () => this.#redis.command("CLIENT", "KILL", "TYPE", this.#random() < 0.5 ? "normal" : "pubsub"),
    "cut replies": async () => this.#proxy.cutNextReplies(),
    "redis pause": async () => {
      this.#redis.pause();
      await delay(ttlMs * this.#random());
      this.#redis.resume();
    },
    restart: () => this.#redis.restart(),
    flush: () => this.#redis.command("FLUSHALL"),
  };
}
