import { setTimeout as delay } from "node:timers/promises";
import type { Disposable } from "../../../shared/base/disposable.ts";
import { hasCode } from "../../../shared/base/errors.ts";
import { type SplitKeys, splitAtDetach, wantsOut } from "./keys.ts";

/** What may wait for a session that doesn't read, in characters, before the terminal is no longer read. */
const maxHeld = 256 * 1024;
/** How long what was typed before the detaching key may take to arrive, in milliseconds. */
const lastWordsMs = 500;

/** Pause before input that wasn't taken is tried again, in milliseconds. */
const retryMs = 50;

/** Takes one piece of input. @throws DevlatchError `NOT_RUNNING` if it took nothing of it */
type Taker = (text: string) => Promise<void>;

export interface TypingEvents {
  /** The user wants out. */
  onLeave(): void;
  /** What became of a piece isn't known. */
  onLost(): void;
  /** The user wants the terminal back for a while. */
  onSuspend?(): void;
}

/** What is typed, in order, one piece after the other, to what takes it. */
export class Typing {
  readonly #input: Pick<NodeJS.ReadStream, "pause" | "resume">;
  readonly #events: TypingEvents;
  readonly #split: (typed: string) => SplitKeys;
  #held: string[] = [];
  #taker: Taker | undefined;
  #sending: Promise<void> | undefined;
  /** Whether there is a session to type to; else nothing is kept for later. */
  #wanted = false;

  /** @param split finds the keys that aren't the session's; Ctrl-] unless told */
  constructor(
    input: Pick<NodeJS.ReadStream, "pause" | "resume">,
    events: TypingEvents,
    split: (typed: string) => SplitKeys = splitAtDetach,
  ) {
    this.#split = split;
    this.#input = input;
    this.#events = events;
  }

  typed(text: string): void {
    if (!this.#wanted) {
      if (wantsOut(text)) this.#events.onLeave();
      return;
    }
    const { before, key } = this.#split(text);
    if (before !== "") this.#held.push(before);
    if (this.#heldLength() > maxHeld) this.#input.pause();
    this.#send();
    if (key === "leave") void this.#leaveSoon();
    if (key === "suspend") this.#events.onSuspend?.();
  }

  /** Sends to `taker` from now on, what is held first, until disposed of. */
  sendTo(taker: Taker): Disposable {
    this.#taker = taker;
    this.#wanted = true;
    this.#send();
    return {
      dispose: () => {
        this.#taker = undefined;
      },
    };
  }

  /** The session is gone or out of reach: what was meant for it must not reach a later one. */
  forget(): void {
    this.#wanted = false;
    this.#held = [];
    this.#input.resume();
  }

  #send(): void {
    if (this.#taker && this.#held.length > 0) this.#sending ??= this.#sendAll();
  }

  async #sendAll(): Promise<void> {
    while (this.#taker && this.#held.length > 0) {
      const text = this.#held.shift() ?? "";
      if (this.#heldLength() <= maxHeld) this.#input.resume();
      await this.#give(text, this.#taker);
    }
    // Here and not once the promise settles: what is typed in between must find that no send is under way.
    this.#sending = undefined;
  }

  /** What wasn't taken is kept: programs may read on in a moment, or this terminal attach again. */
  async #give(text: string, taker: Taker): Promise<void> {
    try {
      await taker(text);
    } catch (error) {
      if (!hasCode(error, "NOT_RUNNING")) return this.#events.onLost();
      if (this.#wanted) this.#held.unshift(text);
      await delay(retryMs);
    }
  }

  async #leaveSoon(): Promise<void> {
    await Promise.race([this.#sending, delay(lastWordsMs)]);
    this.#events.onLeave();
  }

  #heldLength(): number {
    return this.#held.reduce((sum, { length }) => sum + length, 0);
  }
}
