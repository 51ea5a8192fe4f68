import type { SQLOutputValue } from "node:sqlite";
import type { MessageKind, ThreadMessage } from "../../shared/model/thread.ts";

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

/** A message before it has a sequence. */
export interface NewMessage {
  /** Milliseconds since the epoch. */
  readonly time: number;
  readonly kind: MessageKind;
  /** Output holds no line feed. */
  readonly text: string;
}

/** Text of one block at most, in UTF-16 code units, unless it is a single message. */
const maxBlockLength = 64 * 1024;
/** Messages of one block at most: whoever wants one of them reads all. */
const maxBlockCount = 1_000;

/**
 * Puts messages together that may share a row, in their order.
 * @returns blocks whose sequences count from 0: where they begin in the thread is known when they are written
 */
export function gatherBlocks(messages: readonly NewMessage[]): Block[] {
  const blocks: Block[] = [];
  let open: { readonly firstSeq: number; readonly first: NewMessage; readonly texts: string[] } | undefined;
  let length = 0;
  const close = () => {
    if (open) blocks.push(toBlock(open.firstSeq, open.first, open.texts));
    open = undefined;
  };
  for (const [index, message] of messages.entries()) {
    const fits =
      open &&
      canShare(open.first, message) &&
      open.texts.length < maxBlockCount &&
      length + message.text.length < maxBlockLength;
    if (!fits) close();
    open ??= { firstSeq: index, first: message, texts: [] };
    if (open.texts.length === 0) length = 0;
    open.texts.push(message.text);
    length += message.text.length + 1;
  }
  close();
  return blocks;
}

function canShare(first: NewMessage, next: NewMessage): boolean {
  return first.kind === "output" && next.kind === "output" && first.time === next.time;
}

function toBlock(firstSeq: number, { time, kind }: NewMessage, texts: readonly string[]): Block {
  return { firstSeq, count: texts.length, time, kind, text: texts.join("\n") };
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
  const lines = count === 1 ? [text] : text.split("\n");
  return lines
    .slice(skipped, skipped + limit)
    .map((line, index) => ({ seq: firstSeq + skipped + index, time, kind, text: line }));
}

/** Sequence of the block's last message. */
export function lastSeqOf({ firstSeq, count }: Block): number {
  return firstSeq + count - 1;
}

/** A row of the table of blocks. */
export function toBlockOf(row: Record<string, SQLOutputValue>): Block {
  return {
    firstSeq: Number(row["first_seq"]),
    count: Number(row["count"]),
    time: Number(row["time"]),
    kind: row["kind"] as MessageKind,
    text: String(row["text"]),
  };
}
