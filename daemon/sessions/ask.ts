import type { SessionRecord } from "../../shared/model/session.ts";
import { type Answer, isWanted, probeHttp, probeTcp } from "./probe.ts";

/**
 * What came of asking a server: an answer with its HTTP status (0 where it speaks none), a refusal, or nothing in time.
 */
export type ServerAnswer =
  | {
      readonly kind: "answer";
      readonly status: number;
      /** Where `ready` names what a well server answers: it answered otherwise there. */
      readonly unwellAt?: string;
    }
  | { readonly kind: "refused" | "silent" };

/** Asks a server as its start did: at the configured path, or whether it takes a connection. */
export async function askServer(
  { url, ready }: { readonly url: string; readonly ready: SessionRecord["ready"] },
  signal: AbortSignal,
): Promise<ServerAnswer> {
  const { hostname, port } = new URL(url);
  const address = hostname.replace(/[[\]]/g, "");
  const answer = await answerOf(address, Number(port), ready, signal);
  if (answer !== undefined) {
    const { status = 0 } = answer;
    if (ready === undefined || !("http" in ready) || isWanted(answer, ready))
      return { kind: "answer", status };
    return { kind: "answer", status, unwellAt: ready.http };
  }
  return { kind: signal.aborted ? "silent" : "refused" };
}

async function answerOf(
  address: string,
  port: number,
  ready: SessionRecord["ready"],
  signal: AbortSignal,
): Promise<Answer | undefined> {
  if (ready && "tcp" in ready) return probeTcp(address, port, signal);
  const answer = await probeHttp(address, port, ready && "http" in ready ? ready.http : "/", signal);
  // What is told ready by its output need not speak HTTP.
  return (
    answer ?? (ready && "pattern" in ready && !signal.aborted ? probeTcp(address, port, signal) : undefined)
  );
}
