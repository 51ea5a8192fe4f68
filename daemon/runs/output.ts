import type { ThreadMessage } from "../../shared/model/thread.ts";
import type { RunThread } from "./request.ts";

/** Most text in one page, in UTF-16 code units, and most raw output, in bytes: an answer is one message. */
const pageSize = 1024 * 1024;

/** What one execution wrote, from a cursor on. */
export interface OutputPage {
  readonly messages: ThreadMessage[];
  readonly data: string;
  readonly next: number;
  readonly skipped: number;
}

/** Reads the messages of a launch. @param cursor sequence; undefined: from the launch's first */
export function readLines(
  thread: RunThread,
  launchId: string,
  cursor: number | undefined,
  limit: number,
): OutputPage {
  const span = thread.span(launchId);
  const from = Math.max(cursor ?? 0, (span?.firstSeq ?? 1) - 1);
  if (!span) return nothing(from);
  const found = thread.after(from, limit).filter(({ seq }) => seq <= span.lastSeq);
  const messages = firstOf(found);
  const next = messages.at(-1)?.seq ?? from;
  return {
    messages,
    data: "",
    next,
    skipped: (messages[0]?.seq ?? from + 1) - from - 1,
  };
}

/** Reads the bytes of a launch. @param cursor absolute offset; undefined: from the launch's first */
export function readBytes(thread: RunThread, launchId: string, cursor: number | undefined): OutputPage {
  const span = thread.span(launchId);
  const from = Math.max(cursor ?? 0, span?.firstOffset ?? 0);
  if (!span) return nothing(from);
  const { offset, bytes } = thread.raw(from, Math.min(pageSize, span.endOffset - from));
  const own = bytes.subarray(0, Math.max(0, span.endOffset - offset));
  const next = own.length > 0 ? offset + own.length : from;
  return {
    messages: [],
    data: own.toString("base64"),
    next,
    skipped: own.length > 0 ? offset - from : 0,
  };
}

function nothing(next: number): OutputPage {
  return { messages: [], data: "", next, skipped: 0 };
}

function firstOf(messages: readonly ThreadMessage[]): ThreadMessage[] {
  let size = 0;
  const end = messages.findIndex(({ text }) => {
    size += text.length;
    return size > pageSize;
  });
  return messages.slice(0, end === -1 ? messages.length : Math.max(1, end));
}
