import { withDeadline } from "../../shared/base/deadline.ts";
import { sessionKey } from "../../shared/model/keys.ts";
import type { Listener } from "../../shared/model/process.ts";
import type { SessionRecord } from "../../shared/model/session.ts";
import { type Hosts, hostedHere } from "../hosts/hosts.ts";
import type { SessionsEnvironment } from "./contract.ts";
import { searchedLines } from "./limits.ts";
import { probeHttp, reachableAt } from "./probe.ts";
import { candidates, ownListeners, type ReadyServer, urlOf } from "./readiness.ts";

/** How long a server at a new place may take to answer, in milliseconds. */
const probeMs = 2_000;

/**
 * Finds ready servers that listen elsewhere than their record says: in another process on the same port (a framework
 * that restarted its server), or on another port. The latter counts once it was seen in two looks and answers: a
 * server that restarts lets go of its port for a moment.
 */
export class Moves {
  readonly #environment: Pick<SessionsEnvironment, "processes" | "output" | "machineId">;
  readonly #hosts: Hosts;
  /** Where each server was seen in the last look, by session. */
  readonly #seen = new Map<string, number>();

  constructor(environment: Pick<SessionsEnvironment, "processes" | "output" | "machineId">, hosts: Hosts) {
    this.#environment = environment;
    this.#hosts = hosts;
  }

  /** Where the server is now, if that is known and isn't what the record says. */
  async find(record: SessionRecord): Promise<ReadyServer | undefined> {
    const hosting = hostedHere(record, this.#environment.machineId);
    const { state } = record;
    if (!hosting || state.kind !== "ready") return undefined;
    const key = sessionKey(record);
    const own = await ownListeners(this.#hosts.treeOf(hosting), this.#environment);
    const same = own.find(({ port }) => port === state.port);
    const output = () => this.#environment.output.tail(hosting.directory, searchedLines);
    const other = same ? undefined : candidates(own, record.settings.port, output, true)[0];
    const isNew = other !== undefined && this.#seen.get(key) !== other.port;
    if (other) this.#seen.set(key, other.port);
    else this.#seen.delete(key);
    if (same) return { pid: same.pid, startTime: same.startTime, port: same.port, url: state.url };
    return other && !isNew ? answering(other) : undefined;
  }
}

async function answering(listener: Listener): Promise<ReadyServer | undefined> {
  const { pid, startTime, port, address } = listener;
  const signal = withDeadline(probeMs, `The answer on port ${port}`);
  const answer = await probeHttp(reachableAt(address), port, "/", signal);
  return answer && { pid, startTime, port, url: urlOf(listener, answer) };
}
