import { setImmediate as nextTurn } from "node:timers/promises";
import type { ThreadMessage } from "../../shared/model/thread.ts";
import { type Block, lastSeqOf, messagesOf } from "./blocks.ts";
import type { Matcher } from "./matcher.ts";
import { type Bounds, type MessageTable, maxPageLength, type Wanted } from "./messages.ts";
import type { WordIndex, WordQuery } from "./words.ts";

/** Blocks read and tested between two turns of the event loop. */
const batchBlocks = 32;
/** Blocks that hold a single message cost little; then so many, as long as their text is no more than this. */
const batchMessages = 2_000;
const batchLength = 2 * 1024 * 1024;

/** What is looked for. */
export interface Filter extends Wanted {
  readonly pattern?: Matcher | undefined;
  readonly words?: WordQuery | undefined;
}

/** Looks through a thread for messages that pass a filter. */
export class Search {
  readonly #table: MessageTable;
  readonly #index: WordIndex;
  readonly #filter: Filter;
  readonly #signal: AbortSignal | undefined;
  /** Blocks in the next batch: more where they turn out to be small. */
  #batch = batchBlocks;

  constructor(table: MessageTable, index: WordIndex, filter: Filter, signal?: AbortSignal) {
    this.#table = table;
    this.#index = index;
    this.#filter = filter;
    this.#signal = signal;
  }

  /**
   * Looks at the messages after `cursor`, in batches, until `limit` of them match, a page is full or the thread ends.
   * @param check called with the cursor and the bounds after each batch: notices messages that were dropped before or
   *   while searching
   */
  async forward(
    cursor: number,
    limit: number,
    check: (cursor: number, bounds: Bounds) => void,
  ): Promise<{ found: ThreadMessage[]; lookedAt: number }> {
    const found: ThreadMessage[] = [];
    let length = 0;
    for (let lookedAt = cursor; ; ) {
      this.#signal?.throwIfAborted();
      const last = this.#table.bounds()?.last ?? 0;
      const { blocks, through } = this.#from(lookedAt + 1, last);
      const bounds = this.#table.bounds();
      if (bounds) check(lookedAt, bounds);
      const messages = blocks
        .flatMap((block) => messagesOf(block))
        .filter(({ seq }) => seq > lookedAt && seq <= last);
      for (const message of this.#matching(messages)) {
        length += message.text.length;
        if (found.length > 0 && length > maxPageLength) return { found, lookedAt: message.seq - 1 };
        found.push(message);
        if (found.length === limit) return { found, lookedAt: message.seq };
      }
      lookedAt = Math.max(lookedAt, through);
      if (lookedAt >= last) return { found, lookedAt };
      await nextTurn();
    }
  }

  /**
   * The last `limit` matches before `seq`, ascending, or as many as fill a page; and whether it is certain that there
   * are no others.
   */
  async backward(seq: number, limit: number): Promise<{ found: ThreadMessage[]; isAll: boolean }> {
    const found: ThreadMessage[] = [];
    let length = 0;
    for (let before = seq; before > 1; ) {
      this.#signal?.throwIfAborted();
      const { blocks, since } = this.#before(before);
      const messages = blocks.flatMap((block) => messagesOf(block).reverse());
      for (const message of this.#matching(messages.filter((one) => one.seq < before))) {
        length += message.text.length;
        const isFull = found.length > 0 && length > maxPageLength;
        if (!isFull) found.push(message);
        if (isFull || found.length === limit) return { found: found.reverse(), isAll: false };
      }
      before = since;
      await nextTurn();
    }
    return { found: found.reverse(), isAll: true };
  }

  /** The next blocks to look at, and the sequence up to which nothing else can match. */
  #from(seq: number, last: number): { blocks: readonly Block[]; through: number } {
    const { words } = this.#filter;
    const indexed = words ? Math.min(last, this.#index.through()) : 0;
    if (words && seq <= indexed) return this.#indexedFrom(words, seq, indexed);
    const blocks = this.#table.wantedFrom(seq, last, this.#filter, this.#batch);
    return { blocks, through: this.#isFull(blocks) ? endOf(blocks, seq - 1) : last };
  }

  #indexedFrom(words: WordQuery, seq: number, indexed: number): { blocks: Block[]; through: number } {
    const holding = this.#table.blockAt(seq)?.firstSeq ?? seq;
    const firsts = this.#index.blocksFrom(words, Math.min(holding, seq), indexed, batchBlocks);
    const blocks = this.#readAll(firsts);
    const isLast = firsts.length < batchBlocks;
    return { blocks, through: isLast ? indexed : endOf(blocks, firsts.at(-1) ?? seq) };
  }

  /** The blocks before, and the sequence from which on nothing else can match. */
  #before(seq: number): { blocks: readonly Block[]; since: number } {
    const { words } = this.#filter;
    if (words && seq <= this.#index.through() + 1) {
      const firsts = this.#index.blocksBefore(words, seq, batchBlocks);
      return { blocks: this.#readAll(firsts), since: firsts.length < batchBlocks ? 1 : (firsts.at(-1) ?? 1) };
    }
    const blocks = this.#table.wantedBefore(seq, this.#filter, this.#batch);
    return { blocks, since: this.#isFull(blocks) ? (blocks.at(-1)?.firstSeq ?? 1) : 1 };
  }

  #readAll(firsts: readonly number[]): Block[] {
    return firsts.flatMap((first) => this.#table.blockAt(first) ?? []);
  }

  /** Whether there may be more, and how much more to read at once. */
  #isFull(blocks: readonly Block[]): boolean {
    const isFull = blocks.length === this.#batch;
    const messages = blocks.reduce((sum, { count }) => sum + count, 1);
    const length = blocks.reduce((sum, { text }) => sum + text.length, 1);
    const room = Math.floor(blocks.length * Math.min(batchMessages / messages, batchLength / length));
    this.#batch = Math.max(batchBlocks, room);
    return isFull;
  }

  #matching(messages: readonly ThreadMessage[]): readonly ThreadMessage[] {
    const { pattern, words, kinds, since = Number.NEGATIVE_INFINITY, until = Infinity } = this.#filter;
    const wanted = messages.filter(
      ({ kind, time, text }) =>
        time >= since && time <= until && (kinds?.includes(kind) ?? true) && (words?.matches(text) ?? true),
    );
    if (pattern === undefined || wanted.length === 0) return wanted;
    const matches = pattern.test(wanted.map(({ text }) => text));
    return wanted.filter((_, index) => matches[index]);
  }
}

function endOf(blocks: readonly Block[], otherwise: number): number {
  const last = blocks.at(-1);
  return last ? lastSeqOf(last) : otherwise;
}
