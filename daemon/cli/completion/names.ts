import { runWithDeadline } from "../../../shared/base/deadline.ts";
import type { Connection } from "../../../shared/client/connection.ts";
import type { AppSummary } from "../../../shared/model/sandbox.ts";
import type { SessionView } from "../../../shared/model/session.ts";
import type { Names } from "./wanted.ts";

/** How long a person who pressed a key waits for names, in milliseconds; without them it is only less of use. */
const patienceMs = 1_000;

/** What may be typed, and a word about it. */
export interface Candidate {
  readonly value: string;
  readonly description: string;
}

/** Where it is asked. */
export interface Surroundings {
  /** Absolute. */
  readonly cwd: string;
  readonly signal: AbortSignal;
  /** Connects to the daemon that runs. @throws DevlatchError where none does */
  connect(): Promise<Connection>;
}

/** The apps that need no file to be named. */
const usual: readonly Candidate[] = ["web", "mobile"].map((value) => ({ value, description: "" }));

/**
 * What can be named in a directory, by the daemon that runs. None is started: without one, and where it doesn't answer in
 * time, there are the usual apps and nothing else.
 * @param cwd absolute
 */
export async function namesIn(
  cwd: string,
  of: Names,
  surroundings: Surroundings,
): Promise<readonly Candidate[]> {
  try {
    const ask = async (signal: AbortSignal) => asked[of](await surroundings.connect(), cwd, signal);
    return await runWithDeadline(patienceMs, "Completing", ask, surroundings.signal);
  } catch {
    return of === "apps" ? usual : [];
  }
}

const asked: Record<
  Names,
  (connection: Connection, cwd: string, signal: AbortSignal) => Promise<readonly Candidate[]>
> = { apps, runs, sandboxes };

/** What runs here first, then what could be started. */
async function apps(connection: Connection, cwd: string, signal: AbortSignal) {
  const [here, { sessions }] = await Promise.all([
    connection.request("sandbox/describe", { cwd }, { signal }),
    connection.request("daemon/status", {}, { signal }),
  ]);
  const own = sessions.filter(({ sandboxId }) => sandboxId === here.sandboxId).map(ofSession);
  return distinct([...own, ...here.apps.map(ofApp)]);
}

function ofSession({ app, state }: SessionView): Candidate {
  return { value: app, description: state.kind };
}

function ofApp({ app, framework }: AppSummary): Candidate {
  return { value: app, description: framework ?? "" };
}

async function runs(connection: Connection, cwd: string, signal: AbortSignal) {
  const [{ sandboxId }, all] = await Promise.all([
    connection.request("sandbox/describe", { cwd }, { signal }),
    connection.request("run/list", {}, { signal }),
  ]);
  const own = all.filter((run) => run.sandboxId === sandboxId);
  return distinct(own.map(({ key, state }) => ({ value: key, description: state.kind })));
}

async function sandboxes(connection: Connection, cwd: string, signal: AbortSignal) {
  const pool = await connection.request("sandbox/list", { cwd }, { signal });
  return pool.map(({ sandboxId, state }) => ({ value: sandboxId, description: state }));
}

function distinct(candidates: readonly Candidate[]): readonly Candidate[] {
  return [...new Map(candidates.toReversed().map((one) => [one.value, one])).values()].toReversed();
}
