import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import {
  type Attempt,
  type Fault,
  type History,
  monotonicMs,
  seededRandom,
  type WorkerEvent,
  type WorkerOrder,
} from "./events.ts";
import type { LockerName } from "./lockers.ts";
import { type Place, sentinel, standalone } from "./places.ts";
import { Resource } from "./resource.ts";

export interface CampaignOptions {
  /** Names the order of faults; the processes' own timing differs from run to run. */
  readonly seed: number;
  readonly seconds: number;
  /** Faults that may strike. */
  readonly faults: readonly Fault["kind"][];
  readonly locker?: LockerName;
  /** Folder with the peers' node_modules, where the locker is one. */
  readonly peers?: string;
}

const workers = 4;
const ttlMs = 2_000;
const keys = ["one", "two", "three", "four", "five"].flatMap((tag) =>
  ["a", "b", "c"].map((key) => `${key}:{${tag}}`),
);
const register = new URL("../../../support/register.mjs", import.meta.url).href;
const program = new URL("./worker.ts", import.meta.url).pathname;

/**
 * Lets processes fight for locks in a Redis of their own while faults strike them and it, and writes down what they
 * say.
 */
export async function runCampaign(options: CampaignOptions): Promise<History> {
  const ends: (() => void | Promise<void>)[] = [];
  const owner = { after: (end: () => void | Promise<void>) => void ends.unshift(end) };
  const place = await (options.faults.includes("failover") ? sentinel : standalone)(owner, ttlMs);
  const campaign = new Campaign(options, place);
  try {
    return await campaign.run();
  } finally {
    campaign.killAll();
    for (const end of ends) await end();
  }
}

class Campaign {
  readonly #options: CampaignOptions;
  readonly #random: () => number;
  readonly #place: Place;
  readonly #children = new Map<number, ChildProcess>();
  readonly #attempts = new Map<string, Attempt>();
  readonly #faults: Fault[] = [];
  readonly #resource = new Resource();
  #started = 0;

  constructor(options: CampaignOptions, place: Place) {
    this.#options = options;
    this.#random = seededRandom(options.seed);
    this.#place = place;
  }

  async run(): Promise<History> {
    const { seed, seconds, faults } = this.#options;
    for (let worker = 0; worker < workers; worker++) this.#start();
    const until = monotonicMs() + seconds * 1_000;
    while (monotonicMs() < until) {
      await delay(200 + this.#random() * 800);
      const kind = faults[Math.floor(this.#random() * faults.length)];
      if (kind) await this.#strike(kind);
    }
    const ending = [...this.#children.values()].map((child) => this.#end(child));
    await Promise.all(ending);
    return { seed, ttlMs, attempts: [...this.#attempts.values()], faults: this.#faults };
  }

  killAll(): void {
    for (const child of this.#children.values()) child.kill("SIGKILL");
  }

  /** What still waits is given time to end by itself: an attempt that doesn't is what the check looks for. */
  async #end(child: ChildProcess): Promise<void> {
    order(child, { do: "stop" });
    await once(child, "exit", { signal: AbortSignal.timeout(20_000) }).catch(() => {});
  }

  #start(): void {
    const worker = ++this.#started;
    const { locker = "devlatch", peers = "", seed } = this.#options;
    const url = this.#place.urls[worker % this.#place.urls.length] ?? "";
    const words = [locker, url, peers, String(seed * 1_000 + worker), String(ttlMs), ...keys];
    const child = fork(program, words, { execArgv: ["--import", register], serialization: "advanced" });
    this.#children.set(worker, child);
    child.on("message", (event: WorkerEvent) => this.#receive(worker, child, event));
    child.on("exit", () => this.#children.delete(worker));
  }

  #receive(worker: number, child: ChildProcess, event: WorkerEvent): void {
    const { id } = event;
    if (event.kind === "invoked") {
      const counts = { accepted: 0, refused: 0, stale: 0 };
      this.#attempts.set(id, { id, worker, key: event.key, invokedAt: event.at, ...counts });
      return;
    }
    const attempt = this.#attempts.get(id);
    if (!attempt) return;
    if (event.kind === "granted") Object.assign(attempt, { grantedAt: event.at, fence: event.fence });
    else if (event.kind === "queued") attempt.queuedAt ??= event.at;
    else if (event.kind === "stopped") attempt.stoppedAt ??= event.at;
    else if (event.kind === "ended") attempt.outcome = event.code;
    else order(child, { do: "answer", id, accepted: this.#resource.take(attempt, event.fence) });
  }

  async #strike(kind: Fault["kind"]): Promise<void> {
    const from = monotonicMs();
    const [worker, child] = [...this.#children][Math.floor(this.#random() * this.#children.size)] ?? [];
    if (kind !== "kill" && kind !== "pause" && kind !== "skew") {
      await this.#place.strike(kind, this.#random);
      this.#faults.push({ kind, from, to: monotonicMs() });
    } else if (worker !== undefined && child !== undefined) {
      await this.#effects[kind](child, worker);
      this.#faults.push({ kind, from, to: monotonicMs(), worker });
    }
  }

  readonly #effects = {
    kill: async (child: ChildProcess, worker: number) => {
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
    pause: async (child: ChildProcess) => {
      child.kill("SIGSTOP");
      await delay(ttlMs * (0.5 + this.#random()));
      child.kill("SIGCONT");
    },
    skew: async (child: ChildProcess) => {
      order(child, { do: "skew", ms: Math.round((this.#random() - 0.5) * 48 * 3_600_000) });
    },
  };
}

function order(child: ChildProcess, what: WorkerOrder): void {
  child.send(what, () => {});
}
