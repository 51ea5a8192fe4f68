import type { SQLOutputValue } from "node:sqlite";
import type { MessageKind, ThreadMessage } from "../../shared/model/thread.ts";
import { readWhole } from "./lines.ts";

/**
 * Messages of one kind and time that follow each other, kept as one row: a flood of short lines is some rows a second,
 * and a page from anywhere costs one look into the index and the splitting of one text.
 */
export interface Block {
  readonly firstSeq: number;
  readonly count: number;
  /** Milliseconds since the epoch. */
  readonly time: number;
  readonly kind: MessageKind;
  /** Output: a message a line. Of anything else it is one message, whatever is in it. */
  readonly text: string;
}

/** Messages of one kind and time that follow each other, before they have a sequence. */
export interface NewMessages {
  /** Milliseconds since the epoch. */
  readonly time: number;
  readonly kind: MessageKind;
  /** Output holds no line feed. */
  readonly texts: readonly string[];
  /** Output that follows `texts`, still to be rendered; see `LineReader.take`. */
  readonly lines?: Uint8Array;
}

/** Text of one block at most, in UTF-16 code units, unless it is a single message. */
const maxBlockLength = 64 * 1024;
/** Messages of one block at most: a reader of one of them reads all. */
const maxBlockCount = 1_000;

/**
 * Puts messages into rows, in their order.
 * @returns blocks whose sequences count from 0: where they begin in the thread is known when they are written
 */
export function gatherBlocks(messages: readonly NewMessages[]): Block[] {
  const blocks: Block[] = [];
  let firstSeq = 0;
  for (const { time, kind, texts, lines } of messages) {
    for (const { count, text } of [...piecesOf(kind, texts), ...(lines ? piecesOfWhole(lines) : [])]) {
      blocks.push({ firstSeq, count, time, kind, text });
      firstSeq += count;
    }
  }
  return blocks;
}

/** The part of a row that messages make. */
type Piece = Pick<Block, "count" | "text">;

function piecesOf(kind: MessageKind, texts: readonly string[]): Piece[] {
  if (kind !== "output") return texts.map((text) => ({ count: 1, text }));
  const pieces: Piece[] = [];
  for (let from = 0; from < texts.length; ) {
    const to = endOfBlock(texts, from);
    pieces.push({ count: to - from, text: texts.slice(from, to).join("\n") });
    from = to;
  }
  return pieces;
}

function piecesOfWhole(lines: Uint8Array): Piece[] {
  const whole = readWhole(lines);
  return whole.kind === "plain" ? cut(whole.text) : piecesOf("output", whole.texts);
}

/** A text of lines in pieces that fit into a block, a line at least each. */
function cut(text: string): Piece[] {
  const pieces: Piece[] = [];
  for (let from = 0; from <= text.length; ) {
    let [to, count] = [from - 1, 0];
    while (to < text.length && count < maxBlockCount) {
      const end = text.indexOf("\n", to + 1);
      const next = end === -1 ? text.length : end;
      if (count > 0 && next - from > maxBlockLength) break;
      [to, count] = [next, count + 1];
    }
    pieces.push({ count, text: text.slice(from, to) });
    from = to + 1;
  }
  return pieces;
}

/** Index behind the last text that fits into a block with the one at `from`. */
function endOfBlock(texts: readonly string[], from: number): number {
  let length = 0;
  let to = from;
  for (; to < texts.length && to - from < maxBlockCount; to++) {
    length += (texts[to]?.length ?? 0) + 1;
    if (length > maxBlockLength && to > from) break;
  }
  return to;
}

/** The texts of a block's messages. */
export function textsOf({ count, text }: Pick<Block, "count" | "text">): string[] {
  return count === 1 ? [text] : text.split("\n");
}

/**
 * The block's messages, ascending.
 * @param from sequence of the first that is wanted
 * @param limit how many at most
 */
export function messagesOf(
  { firstSeq, count, time, kind, text }: Block,
  from = firstSeq,
  limit = count,
): ThreadMessage[] {
  const skipped = Math.max(0, from - firstSeq);
  return textsOf({ count, text })
    .slice(skipped, skipped + limit)
    .map((line, index) => ({ seq: firstSeq + skipped + index, time, kind, text: line }));
}

/** Sequence of the block's last message. */
export function lastSeqOf({ firstSeq, count }: Block): number {
  return firstSeq + count - 1;
}

/** A row of the table of blocks. */
export function toBlock(row: Record<string, SQLOutputValue>): Block {
  return {
    firstSeq: Number(row["first_seq"]),
    count: Number(row["count"]),
    time: Number(row["time"]),
    kind: row["kind"] as MessageKind,
    text: String(row["text"]),
  };
}
