import { withDeadline } from "../../shared/base/deadline.ts";
import type { Listener } from "../../shared/model/process.ts";
import type { SessionRecord } from "../../shared/model/session.ts";
import type { Hosted } from "../hosts/hosts.ts";
import type { SessionDependencies } from "./dependencies.ts";
import { searchedLines } from "./limits.ts";
import { candidates } from "./listeners.ts";
import { probeHttp, reachableAt } from "./probe.ts";
import { ownListeners, type ReadyServer, urlOf, wishOf } from "./readiness.ts";

/** How long a server at a new place may take to answer, in milliseconds. */
const probeMs = 2_000;

/** What a look for a server that doesn't listen as its record says has found. */
export interface Move {
  /** The other port it was seen on. */
  readonly seenOn?: number;
  /** Where it is now, if that is known. */
  readonly server?: ReadyServer | undefined;
}

/**
 * Looks for a ready server that listens elsewhere than its record says: in another process on the same port (a
 * framework that restarted its server), or on another port. The latter counts once it was seen in two looks and
 * answers: a server that restarts lets go of its port for a moment.
 * @param seenOn what the last look has found
 */
export async function findMove(
  record: SessionRecord,
  { hosting, seenOn }: { readonly hosting: Hosted; readonly seenOn: number | undefined },
  { processes, output, hosts }: Pick<SessionDependencies, "processes" | "output" | "hosts">,
): Promise<Move> {
  const { state } = record;
  if (state.kind !== "ready") return {};
  const own = await ownListeners(hosts.treeOf(hosting), { processes });
  const same = own.find(({ port }) => port === state.port);
  if (same) {
    return { server: { pid: same.pid, startTime: same.startTime, port: same.port, url: state.url } };
  }
  const tail = () => output.tail(hosting.directory, searchedLines);
  const [other] = candidates(own, wishOf(record).port, tail, true);
  if (!other) return {};
  return { seenOn: other.port, server: seenOn === other.port ? await answering(other) : undefined };
}

async function answering(listener: Listener): Promise<ReadyServer | undefined> {
  const { pid, startTime, port, address } = listener;
  const signal = withDeadline(probeMs, `The answer on port ${port}`);
  const answer = await probeHttp(reachableAt(address), port, "/", signal);
  return answer && { pid, startTime, port, url: urlOf(listener, answer) };
}
