import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from "node:worker_threads";
import type { Disposable } from "../../shared/base/disposable.ts";
import type { Batch, ThreadEnd } from "./commit.ts";
import type { Retention } from "./retention.ts";

/** What the worker is started with. */
export interface WorkerInput {
  readonly file: string;
  readonly retention: Retention;
  readonly port: MessagePort;
  /** How many batches it has answered. */
  readonly done: Int32Array;
}

export type Order = Batch | "end";

export type Answer =
  | { readonly kind: "committed"; readonly end: ThreadEnd }
  /** Nothing of this batch and of those after it was written. */
  | { readonly kind: "failed"; readonly reason: string };

/** Raw output that may be under way, in bytes. */
const roomBytes = 2 * 1024 * 1024;
/** How long somebody who needs all of it to be written waits for that, in milliseconds. */
const settleMs = 60_000;

/** Pause after which the other thread isn't worth its memory any more, in milliseconds. */
const idleMs = 5_000;

/** What becomes of batches. */
export interface BatchListener {
  committed(end: ThreadEnd, batch: Batch): void;
  /** Not written, in their order. No others are taken any more. */
  failed(batches: readonly Batch[], reason: string): void;
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
  #underWay: Batch[] = [];
  #bytes = 0;
  #answers = 0;
  #over = false;
  readonly #idle: NodeJS.Timeout;

  constructor(file: string, retention: Retention, listener: BatchListener) {
    this.#listener = listener;
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    const workerData: WorkerInput = { file, retention, port: port2, done: this.#done };
    this.#worker = new Worker(workerFile(), { workerData, transferList: [port2] });
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
    this.#underWay.push(batch);
    this.#bytes += sizeOf(batch);
    this.#idle.refresh();
    // Somebody may wait for room and have nothing else that keeps the process.
    this.#port.ref();
    this.#port.postMessage(batch satisfies Order);
  }

  /** Waits, without turning the event loop, until everything posted was written or given up. */
  settle(): void {
    const deadline = performance.now() + settleMs;
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
    const batch = this.#underWay.shift();
    if (batch === undefined) return;
    this.#bytes -= sizeOf(batch);
    if (this.#underWay.length === 0) this.#port.unref();
    this.#listener.committed(end, batch);
  }

  #giveUp(reason: string): void {
    if (this.#over) return;
    this.#over = true;
    const batches = this.#underWay;
    this.#underWay = [];
    this.#bytes = 0;
    this.#port.close();
    clearTimeout(this.#idle);
    void this.#worker.terminate();
    this.#listener.failed(batches, reason);
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
