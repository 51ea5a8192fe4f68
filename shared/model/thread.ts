import * as z from "zod";

/** `output`: a line the server wrote, escapes stripped. `event`: something Devlatch did or saw. */
export const MessageKind = z.enum(["output", "event"]);
export type MessageKind = z.infer<typeof MessageKind>;

/** One message of a thread. `seq` grows by one from message to message, also across launches. */
export const ThreadMessage = z.object({
  seq: z.int().positive(),
  /** Milliseconds since the epoch. */
  time: z.number(),
  kind: MessageKind,
  text: z.string(),
});
export type ThreadMessage = z.infer<typeof ThreadMessage>;

/** A page of messages in ascending order. Pass `next` as the cursor for what follows. */
export const ThreadPage = z.object({
  messages: z.array(ThreadMessage),
  /** Sequence of the last message of this page (or the cursor asked with, when the page is empty). */
  next: z.int().nonnegative(),
  /** Cursor of the page before this one, or null at the oldest message kept. */
  prev: z.int().nonnegative().nullable(),
});
export type ThreadPage = z.infer<typeof ThreadPage>;
