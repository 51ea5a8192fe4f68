import type { MessageKind } from "../../shared/model/thread.ts";
import type { Doubt } from "./background.ts";
import type { NewMessages } from "./blocks.ts";
import type { Batch } from "./commit.ts";
import { countWhole, type Taken } from "./lines.ts";

/** Output held at most while the file can't be written (full disk), in bytes; what is beyond is given up. */
const heldBytes = 4 * 1024 * 1024;
/** Messages held at most meanwhile: short lines cost more memory than their bytes. */
const heldMessages = 50_000;

/** What waits to be committed. */
export class Pending {
  #messages: NewMessages[] = [];
  #raw: Uint8Array[] = [];
  #bytes = 0;
  #lostBytes = 0;
  #doubt: Doubt | undefined;

  /** Raw output, in bytes. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Comes before all else, once it is known what of it is in the file. */
  get doubt(): Doubt | undefined {
    return this.#doubt;
  }

  /** What was given up has yet to be told. */
  get isEmpty(): boolean {
    if (this.#doubt !== undefined) return false;
    return this.#messages.length === 0 && this.#raw.length === 0 && this.#lostBytes === 0;
  }

  /** @param time milliseconds since the epoch */
  add(kind: MessageKind, texts: readonly string[], time: number): void {
    if (texts.length > 0) this.#messages.push({ time, kind, texts });
  }

  /**
   * Output, as it came and what it came to.
   * @param time milliseconds since the epoch
   */
  addOutput(raw: Uint8Array, { before, whole, after }: Taken, time: number): void {
    this.#raw.push(raw);
    this.#bytes += raw.length;
    if (whole.length > 0) this.#messages.push({ time, kind: "output", texts: before, lines: whole });
    else this.add("output", before, time);
    this.add("output", after, time);
  }

  /** All of it; first how much was given up, if anything was. @param time now, in milliseconds since the epoch */
  batch(time: number): Batch {
    const text = `${this.#lostBytes} bytes of output could not be written and are lost`;
    const lost: NewMessages[] = this.#lostBytes > 0 ? [{ time, kind: "event", texts: [text] }] : [];
    return { messages: lost.concat(this.#messages), raw: this.#raw };
  }

  /** Another thread has the batch now. */
  clear(): void {
    this.#lostBytes = 0;
    this.#drop();
  }

  /** What was never answered. There is no second before this is resolved: until then nothing goes to another thread. */
  takeBack(doubt: Doubt): void {
    this.#doubt = doubt;
  }

  /**
   * What is not in the file comes before what came since.
   * @param last number of the last batch that is
   */
  resolve(last: number): void {
    const batches = (this.#doubt?.posted ?? [])
      .filter(({ number }) => number > last)
      .map(({ batch }) => batch);
    this.#doubt = undefined;
    this.#messages = batches.flatMap(({ messages }) => messages).concat(this.#messages);
    this.#raw = batches.flatMap(({ raw }) => raw).concat(this.#raw);
    this.#bytes = this.#raw.reduce((sum, { length }) => sum + length, 0);
  }

  /** Gives up what is too much to be held. */
  bound(): void {
    if (this.#bytes <= heldBytes && this.#count() <= heldMessages) return;
    this.#lostBytes += this.#bytes;
    this.#drop();
  }

  #count(): number {
    return this.#messages.reduce(
      (sum, { texts, lines }) => sum + texts.length + (lines ? countWhole(lines) : 0),
      0,
    );
  }

  #drop(): void {
    this.#messages = [];
    this.#raw = [];
    this.#bytes = 0;
  }
}
