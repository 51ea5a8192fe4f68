import type { Disposable } from "../../shared/base/disposable.ts";
import type { Listener } from "../../shared/model/process.ts";
import type { Answer } from "./probe.ts";

/** Asks a listener. @returns undefined without an answer @throws the signal's reason */
export type Ask = (listener: Listener, signal: AbortSignal) => Promise<Answer | undefined>;

/** How long a first page may take before it is asked for once more beside it, in milliseconds; doubled each time. */
const patienceMs = 60_000;
/** Pause before a listener that hung up, or wasn't well, is asked again, in milliseconds. */
const againMs = 200;

interface Asked {
  readonly listener: Listener;
  readonly abort: AbortController;
  underWay: number;
  /** When it is to be asked next, by the monotonic clock, in milliseconds. */
  nextAt: number;
  patienceMs: number;
  answer: Answer | undefined;
}

/**
 * Questions to the listeners of one server. A question that was asked is left to be answered: a first page may take
 * long, and asking again makes it take longer. It ends when its listener does.
 */
export class Questions implements Disposable {
  readonly #ask: Ask;
  readonly #asked = new Map<string, Asked>();
  #settled: () => void = () => {};

  constructor(ask: Ask) {
    this.#ask = ask;
  }

  /** Forgets who doesn't listen any more. @param own the listeners of the tree now */
  keep(own: readonly Listener[]): void {
    const present = new Set(own.map(keyOf));
    for (const [key, { abort }] of this.#asked) {
      if (present.has(key)) continue;
      abort.abort();
      this.#asked.delete(key);
    }
  }

  /** Asks it, unless a question to it is under way or was just answered. @param now by the monotonic clock */
  put(listener: Listener, now: number): void {
    const asked = this.#of(listener, now);
    if (asked.answer !== undefined || now < asked.nextAt) return;
    if (asked.underWay > 0) asked.patienceMs *= 2;
    asked.nextAt = now + asked.patienceMs;
    void this.#await(asked);
  }

  /** What it answered; undefined as long as it didn't. */
  answerOf(listener: Listener): Answer | undefined {
    return this.#asked.get(keyOf(listener))?.answer;
  }

  /** Settles with the next answer, at the latest after `ms` milliseconds. @throws the signal's reason */
  async next(ms: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    await new Promise<void>((resolve) => {
      const end = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", end);
        resolve();
      };
      const timer = setTimeout(end, ms);
      signal.addEventListener("abort", end, { once: true });
      this.#settled = end;
    });
    signal.throwIfAborted();
  }

  dispose(): void {
    this.keep([]);
  }

  #of(listener: Listener, now: number): Asked {
    const key = keyOf(listener);
    const known = this.#asked.get(key);
    if (known) return known;
    const abort = new AbortController();
    const asked = { listener, abort, underWay: 0, nextAt: now, patienceMs, answer: undefined };
    this.#asked.set(key, asked);
    return asked;
  }

  async #await(asked: Asked): Promise<void> {
    asked.underWay++;
    const answer = await this.#ask(asked.listener, asked.abort.signal).catch(() => undefined);
    asked.underWay--;
    asked.answer ??= answer;
    if (answer === undefined && asked.underWay === 0) asked.nextAt = performance.now() + againMs;
    this.#settled();
  }
}

function keyOf({ pid, startTime, address, port }: Listener): string {
  return `${pid} ${startTime} ${address} ${port}`;
}
