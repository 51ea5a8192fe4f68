import type { Writable } from "node:stream";
import { abortable } from "../../../shared/base/deadline.ts";

/** What is given to the terminal at once, in bytes. */
const pieceBytes = 64 * 1024;

/** Something to write; a function is asked when its turn comes. */
type Item = Buffer | (() => Buffer);

/** Gives the terminal one piece after the other, so that what it hasn't been given yet can be dropped. */
export class Outlet {
  readonly #output: Writable;
  readonly #onPiece: (piece: Buffer) => void;
  #items: Item[] = [];
  #waitingBytes = 0;
  #writing: Promise<void> | undefined;

  /** @param onPiece is shown everything as it is written */
  constructor(output: Writable, onPiece: (piece: Buffer) => void) {
    this.#output = output;
    this.#onPiece = onPiece;
  }

  /** What the terminal hasn't been given yet, in bytes. */
  get backlog(): number {
    return this.#waitingBytes;
  }

  write(item: Item): void {
    this.#items.push(item);
    this.#waitingBytes += sizeOf(item);
    this.#writing ??= this.#writeAll();
  }

  /** Drops what the terminal hasn't been given yet. */
  drop(): void {
    this.#items = [];
    this.#waitingBytes = 0;
  }

  /** Waits until the terminal took everything. @throws the signal's reason */
  async drained(signal: AbortSignal): Promise<void> {
    for (let writing = this.#writing; writing; writing = this.#writing) await abortable(writing, signal);
  }

  async #writeAll(): Promise<void> {
    for (let piece = this.#next(); piece; piece = this.#next()) {
      this.#onPiece(piece);
      await new Promise<void>((resolve) => this.#output.write(piece, () => resolve()));
    }
    // Here and not once the promise settles: what is given in between must find that no write is under way.
    this.#writing = undefined;
  }

  #next(): Buffer | undefined {
    const item = this.#items.shift();
    if (item === undefined) return undefined;
    this.#waitingBytes -= sizeOf(item);
    const bytes = typeof item === "function" ? item() : item;
    if (bytes.length <= pieceBytes) return bytes;
    const rest = bytes.subarray(pieceBytes);
    this.#items.unshift(rest);
    this.#waitingBytes += rest.length;
    return bytes.subarray(0, pieceBytes);
  }
}

function sizeOf(item: Item): number {
  return typeof item === "function" ? 0 : item.length;
}
