import { dirname } from "node:path";
import { faultOf, refusalOf } from "../base/believed-path.ts";
import { abortable, pause, runWithDeadline } from "../base/deadline.ts";
import { DevlatchError, hasCode } from "../base/errors.ts";
import type { ClientInfo } from "../protocol/handshake.ts";
import { isPipe, pipeFault, pipeWords } from "../windows/own-pipe.ts";
import { requireHome } from "./believed-home.ts";
import { connect } from "./connect.ts";
import type { Connection } from "./connection.ts";
import type { Home } from "./home.ts";
import { type DaemonProgram, launchDaemon } from "./launch.ts";
import { isLaunchTurnTaken, takeLaunchTurn } from "./launch-turn.ts";
import { isOutdated } from "./outdated.ts";
import { networkDiffers } from "./own-network.ts";
import { type DaemonAddress, readDaemonState, readToken, storeMark } from "./state-file.ts";

/** Who connects, to which home, and how to start the daemon if none runs. */
export interface DaemonOptions {
  readonly home: Home;
  readonly program: DaemonProgram;
  readonly client: ClientInfo;
  /** Build of this client, e.g. `0.1.0`. */
  readonly build: string;
  /** See {@link ConnectOptions.anyProtocol}. */
  readonly anyProtocol?: boolean;
  /** The Redis this client shares its work through; a daemon that uses another store is refused. */
  readonly redisUrl?: string | undefined;
  /** Whether one in another network will do, too: for what needs no server to be reached from here. */
  readonly anyNetwork?: boolean;
}

/** How long starting and reaching a daemon may take, in milliseconds. */
const launchTimeoutMs = 60_000;
/** Pause between two attempts to reach a daemon that another client is starting, in milliseconds. */
const retryMs = 25;
const longestRetryMs = 200;
/** How long a daemon that has the lock and doesn't answer is waited for at first, in milliseconds. */
const firstPatienceMs = 1_000;

/**
 * Connects to the daemon that runs.
 * @throws DevlatchError `UNSAFE_PATH`, `DAEMON_UNAVAILABLE` if none does, `UNAUTHENTICATED`, `PROTOCOL_MISMATCH`, `STORE_DIFFERS`
 */
export async function connectToDaemon(
  options: Omit<DaemonOptions, "program">,
  signal?: AbortSignal,
): Promise<Connection> {
  requireHome(options.home);
  const state = readDaemonState(options.home);
  const token = readToken(options.home);
  if (!state || !token) {
    throw new DevlatchError("DAEMON_UNAVAILABLE", "No daemon runs.", "Start it with: devlatch daemon start");
  }
  const { client, build, anyProtocol = false, redisUrl } = options;
  // A client that relies on Redis for exclusion must not silently get a daemon that locks for itself alone.
  if (redisUrl !== undefined && state.store !== storeMark(redisUrl, token))
    throw storeDiffers(state.store, client);
  refuseStrangersSocket(options.home, state.address);
  await refuseStrangersPipe(state.address, signal);
  return connect({
    address: state.address,
    expected: { pid: state.pid, startTime: state.startTime },
    token,
    client,
    build,
    anyProtocol,
    ...(signal ? { signal } : {}),
  });
}

/**
 * Connects to the daemon, starting it if none runs, or one of an earlier version than this client does. Any number of clients may do this at once: each may start a
 * process, the lock file lets one of them serve, and all connect to that one.
 * @throws DevlatchError what starting or connecting failed with, `NETWORK_DIFFERS`, or `DEADLINE` after a minute
 */
export async function ensureDaemon(options: DaemonOptions, signal?: AbortSignal): Promise<Connection> {
  return runWithDeadline(
    launchTimeoutMs,
    "Starting the daemon",
    (inner) => connectOrLaunch(options, inner),
    signal,
  );
}

async function connectOrLaunch(options: DaemonOptions, signal: AbortSignal): Promise<Connection> {
  let patienceMs = firstPatienceMs;
  for (;;) {
    const connection = (await tryConnect(options, signal)) ?? (await launchInTurn(options, signal));
    if (connection) return connection;
    // Another daemon holds the lock: it is about to listen, or about to exit and free the lock for our next try.
    const other = await waitForOther(options, patienceMs, signal);
    if (other) return other;
    patienceMs *= 2;
  }
}

/** Launches the daemon, unless another client is at it. */
async function launchInTurn(options: DaemonOptions, signal: AbortSignal): Promise<Connection | undefined> {
  const turn = takeLaunchTurn(options.home);
  if (!turn) return undefined;
  try {
    // It may have come up between our look and our turn.
    const connection = await tryConnect(options, signal);
    if (connection) return connection;
    if (isOutdated(options)) return await replaceDaemon(options, signal);
    const outcome = await launchDaemon(options.program, options.home, signal);
    return outcome === "ready" ? await tryConnect(options, signal) : undefined;
  } finally {
    turn.dispose();
  }
}

/**
 * Ends the daemon of an earlier version and launches ours. The turn is the caller's all the while, so that clients of the
 * earlier version aren't first to start theirs again.
 */
async function replaceDaemon(options: DaemonOptions, signal: AbortSignal): Promise<Connection> {
  await endDaemon(options, signal);
  for (;;) {
    // One that ends holds its lock for a moment more.
    await launchDaemon(options.program, options.home, signal);
    const connection = await tryConnect(options, signal);
    if (connection) return connection;
    await pause(longestRetryMs, signal);
  }
}

/** What it holds is released, and what is under way is left to the next one. */
async function endDaemon(options: DaemonOptions, signal: AbortSignal): Promise<void> {
  try {
    const connection = await connectToDaemon({ ...options, anyProtocol: true }, signal);
    const closed = new Promise<void>((resolve) => connection.onClosed(() => resolve()));
    await connection.request("daemon/stop", {}, { signal });
    await abortable(closed, signal);
    connection.dispose();
  } catch (error) {
    // A file that tells of one that has ended already.
    if (!hasCode(error, "DAEMON_UNAVAILABLE")) throw error;
  }
}

/** Looks for a daemon that others start, as long as a client is at it, else for `patienceMs`. */
async function waitForOther(
  options: DaemonOptions,
  patienceMs: number,
  signal: AbortSignal,
): Promise<Connection | undefined> {
  const giveUpAt = performance.now() + patienceMs;
  let wait = retryMs;
  do {
    await pause(wait, signal);
    const connection = await tryConnect(options, signal);
    if (connection) return connection;
    wait = Math.min(wait * 1.5, longestRetryMs);
  } while (performance.now() < giveUpAt || isLaunchTurnTaken(options.home));
  return undefined;
}

/** @returns undefined also where the one that runs is to make way for ours */
async function tryConnect(options: DaemonOptions, signal: AbortSignal): Promise<Connection | undefined> {
  if (isOutdated(options)) return undefined;
  try {
    const connection = await connectToDaemon(options, signal);
    return options.anyNetwork ? connection : inThisNetwork(connection, options.home);
  } catch (error) {
    signal.throwIfAborted();
    if (hasCode(error, "DAEMON_UNAVAILABLE")) return undefined;
    throw error;
  }
}

/** @throws DevlatchError `NETWORK_DIFFERS` */
function inThisNetwork(connection: Connection, home: Home): Connection {
  const state = readDaemonState(home);
  const differs = state && networkDiffers(state);
  if (differs === undefined) return connection;
  connection.dispose();
  throw differs;
}

/**
 * A socket outside of the home may be gone with its directory, and another user may have made both anew: then no daemon
 * is there, and the next one listens elsewhere.
 */
function refuseStrangersSocket({ directory }: Home, address: DaemonAddress): void {
  if (!("socketPath" in address)) return;
  const fault = faultOf(address.socketPath, "socket");
  if (fault === undefined) return;
  const refusal = refusalOf(address.socketPath, fault);
  if (dirname(address.socketPath) === directory) throw refusal;
  throw new DevlatchError("DAEMON_UNAVAILABLE", refusal.message, refusal.remedy, { cause: refusal });
}

/** Any program may take a pipe's name once the daemon has ended: nothing is said to one of another user. */
async function refuseStrangersPipe(address: DaemonAddress, signal?: AbortSignal): Promise<void> {
  if (!("socketPath" in address) || !isPipe(address.socketPath)) return;
  const fault = await pipeFault(address.socketPath, signal);
  if (fault === undefined) return;
  const message = `What listens at ${address.socketPath} isn't this user's daemon: ${pipeWords(fault)}.`;
  const remedy = "The next command that needs a daemon starts one, which takes another name.";
  const cause = new DevlatchError("UNSAFE_PATH", message, remedy, { data: fault });
  throw new DevlatchError("DAEMON_UNAVAILABLE", message, remedy, { cause });
}

/** Says where the wish comes from, never the URL: that may hold a password. */
function storeDiffers(store: string | undefined, { kind }: ClientInfo): DevlatchError {
  const uses = store?.startsWith("redis:") ? "another Redis" : "its embedded store";
  const wish = kind === "window" ? "devlatch.redisUrl (or DEVLATCH_REDIS_URL)" : "DEVLATCH_REDIS_URL";
  return new DevlatchError(
    "STORE_DIFFERS",
    `The running daemon uses ${uses}, not the Redis in ${wish}.`,
    "Stop it with: devlatch daemon stop (servers go on running). The next command starts it on that Redis.",
  );
}
