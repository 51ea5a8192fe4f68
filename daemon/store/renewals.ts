import type { RenewalReply } from "./store.ts";

/** Renewals that are asked for together. */
interface Group {
  readonly keys: readonly string[];
  readonly reply: Promise<RenewalReply>;
}

/**
 * One reply to renewals that were asked for apart: who didn't answer makes only its own unknown.
 * @throws DevlatchError what the first group failed with, when all did
 */
export async function joinReplies(groups: readonly Group[]): Promise<RenewalReply> {
  const settled = await Promise.allSettled(groups.map(({ reply }) => reply));
  const failure = settled.find((one) => one.status === "rejected");
  if (failure && settled.every(({ status }) => status === "rejected")) throw failure.reason;
  const replies = settled.map((one, index) =>
    one.status === "fulfilled" ? one.value : { lost: [], unknown: groups[index]?.keys ?? [] },
  );
  return { lost: replies.flatMap(({ lost }) => lost), unknown: replies.flatMap(({ unknown }) => unknown) };
}
