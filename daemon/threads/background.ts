import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from "node:worker_threads";
import type { Disposable } from "../../shared/base/disposable.ts";
import { randomToken } from "../../shared/base/token.ts";
import type { Batch, ThreadEnd } from "./commit.ts";
import type { Retention } from "./retention.ts";

/** What the worker is started with. */
export interface WorkerInput {
  readonly file: string;
  readonly retention: Retention;
  /** Under which it notes what is in the file. */
  readonly writer: string;
  readonly port: MessagePort;
  /** How many batches it has answered. */
  readonly done: Int32Array;
}

/** A batch with its number, counted from 1. */
export interface Posted {
  readonly number: number;
  readonly batch: Batch;
}

export type Order = Posted | "end";

export type Answer =
  | { readonly kind: "committed"; readonly end: ThreadEnd }
  /** Nothing of this batch and of those after it was written. */
  | { readonly kind: "failed"; readonly reason: string };

/** Raw output that may be under way, in bytes. */
const roomBytes = 2 * 1024 * 1024;
/** How long a caller that needs all of it to be written waits for that, in milliseconds. */
const usualSettleMs = 60_000;

/** Pause after which the other thread isn't worth its memory any more, in milliseconds. */
const idleMs = 5_000;

export interface BackgroundOptions {
  /** The module of the other thread. */
  readonly worker?: URL;
  /** How long {@link BackgroundCommitter.settle} waits, in milliseconds. */
  readonly settleMs?: number;
}

/** What was never answered: some of it may be in the file. */
export interface Doubt {
  readonly writer: string;
  readonly posted: readonly Posted[];
}

/** What becomes of batches. */
export interface BatchListener {
  committed(end: ThreadEnd, batch: Batch): void;
  /** Not answered for, in their order. No others are taken any more. */
  failed(doubt: Doubt, reason: string): void;
  /** Nothing came for a while. */
  idle(): void;
}

/**
 * Commits batches on another thread, in their order, while this one goes on reading: reading a terminal and writing the
 * file one after the other is slower than either.
 */
export class BackgroundCommitter implements Disposable {
  readonly #worker: Worker;
  readonly #port: MessagePort;
  readonly #done = new Int32Array(new SharedArrayBuffer(4));
  readonly #listener: BatchListener;
  readonly #settleMs: number;
  readonly #writer = randomToken();
  #underWay: Posted[] = [];
  #posted = 0;
  #bytes = 0;
  #answers = 0;
  #over = false;
  readonly #idle: NodeJS.Timeout;

  constructor(
    file: string,
    retention: Retention,
    listener: BatchListener,
    { worker = workerFile(), settleMs = usualSettleMs }: BackgroundOptions = {},
  ) {
    this.#listener = listener;
    this.#settleMs = settleMs;
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    const workerData: WorkerInput = { file, retention, writer: this.#writer, port: port2, done: this.#done };
    this.#worker = new Worker(worker, { workerData, transferList: [port2] });
    this.#worker.on("error", (error) => this.#giveUp(String(error)));
    this.#worker.on("exit", () => this.#giveUp("the thread that writes has ended"));
    this.#port.on("message", (answer: Answer) => this.#take(answer));
    this.#idle = setTimeout(() => listener.idle(), idleMs).unref();
    this.#worker.unref();
    this.#port.unref();
  }

  /** Whether more may come before something was written. */
  get hasRoom(): boolean {
    return this.#bytes < roomBytes;
  }

  post(batch: Batch): void {
    const posted = { number: ++this.#posted, batch };
    this.#underWay.push(posted);
    this.#bytes += sizeOf(batch);
    this.#idle.refresh();
    // A caller may wait for room and have nothing else that keeps the process.
    this.#port.ref();
    this.#port.postMessage(posted satisfies Order);
  }

  /** Waits, without turning the event loop, until everything posted was written or given up. */
  settle(): void {
    const deadline = performance.now() + this.#settleMs;
    while (this.#underWay.length > 0 && !this.#over) {
      const seen = Atomics.load(this.#done, 0);
      for (let next = this.#receive(); next; next = this.#receive()) this.#take(next);
      if (this.#underWay.length === 0) return;
      const left = deadline - performance.now();
      if (left <= 0) this.#giveUp("the thread that writes doesn't answer");
      else if (seen === this.#answers) Atomics.wait(this.#done, 0, seen, left);
    }
  }

  dispose(): void {
    this.settle();
    this.#over = true;
    clearTimeout(this.#idle);
    this.#port.postMessage("end" satisfies Order);
    this.#port.removeAllListeners("message");
    this.#worker.removeAllListeners();
    this.#worker.on("error", () => {});
  }

  #receive(): Answer | undefined {
    return receiveMessageOnPort(this.#port)?.message as Answer | undefined;
  }

  #take(answer: Answer): void {
    if (this.#over) return;
    this.#answers++;
    if (answer.kind === "failed") this.#giveUp(answer.reason);
    else this.#finish(answer.end);
  }

  #finish(end: ThreadEnd): void {
    const posted = this.#underWay.shift();
    if (posted === undefined) return;
    this.#bytes -= sizeOf(posted.batch);
    if (this.#underWay.length === 0) this.#port.unref();
    this.#listener.committed(end, posted.batch);
  }

  #giveUp(reason: string): void {
    if (this.#over) return;
    this.#over = true;
    const posted = this.#underWay;
    this.#underWay = [];
    this.#bytes = 0;
    this.#port.close();
    clearTimeout(this.#idle);
    void this.#worker.terminate();
    this.#listener.failed({ writer: this.#writer, posted }, reason);
  }
}

function sizeOf({ raw }: Batch): number {
  return raw.reduce((sum, { length }) => sum + length, 0);
}

/** Beside this file, as source or bundled. */
function workerFile(): URL {
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  return new URL(`./background-worker.${extension}`, import.meta.url);
}
