/** A page that was asked for, so that it is compiled. */
export interface Visit {
  readonly url: URL;
  /** Absent where no answer came. */
  readonly status?: number;
  /** When it was asked for, in milliseconds since the epoch. */
  readonly time: number;
}

/**
 * Asks a server for a page as a browser does, and reads the answer to its end: pages come in pieces, and what is wrong with
 * the last ones is said last. A server that doesn't answer has no status.
 * @throws the signal's reason
 */
export async function visit(url: URL, signal: AbortSignal): Promise<Visit> {
  const time = Date.now();
  try {
    const answer = await fetch(url, { headers: { accept: "text/html, */*" }, redirect: "manual", signal });
    for await (const _ of answer.body ?? []) signal.throwIfAborted();
    return { url, status: answer.status, time };
  } catch {
    if (signal.aborted) throw signal.reason;
    return { url, time };
  }
}
