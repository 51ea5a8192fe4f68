import { pause, runWithDeadline } from "../base/deadline.ts";
import { DevlatchError, hasCode } from "../base/errors.ts";
import type { ClientInfo } from "../protocol/handshake.ts";
import { type Connection, connect } from "./connection.ts";
import type { Home } from "./home.ts";
import { type DaemonProgram, launchDaemon } from "./launch.ts";
import { readDaemonState, readToken, storeMark } from "./state-file.ts";

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
}

/** How long starting and reaching a daemon may take, in milliseconds. */
const launchTimeoutMs = 20_000;
/** Pause between two attempts to reach a daemon that another client is starting, in milliseconds. */
const retryMs = 25;

/**
 * Connects to the daemon that runs.
 * @throws DevlatchError `DAEMON_UNAVAILABLE` if none does, `UNAUTHENTICATED`, `PROTOCOL_MISMATCH`, `STORE_DIFFERS`
 */
export async function connectToDaemon(
  options: Omit<DaemonOptions, "program">,
  signal?: AbortSignal,
): Promise<Connection> {
  const state = readDaemonState(options.home);
  const token = readToken(options.home);
  if (!state || !token) {
    throw new DevlatchError("DAEMON_UNAVAILABLE", "No daemon runs.", "Start it with: devlatch daemon start");
  }
  const { client, build, anyProtocol = false, redisUrl } = options;
  // Whoever relies on Redis for exclusion must not silently get a daemon that locks for itself alone.
  if (redisUrl !== undefined && state.store !== storeMark(redisUrl)) throw storeDiffers(state.store);
  return connect({
    address: state.address,
    token,
    client,
    build,
    anyProtocol,
    ...(signal ? { signal } : {}),
  });
}

/**
 * Connects to the daemon, starting it if none runs. Any number of clients may do this at once: each may start a
 * process, the lock file lets one of them serve, and all connect to that one.
 * @throws DevlatchError what starting or connecting failed with, or `DEADLINE` after 20 s
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
  for (;;) {
    const connection = await tryConnect(options, signal);
    if (connection) return connection;
    const outcome = await launchDaemon(options.program, options.home, signal);
    // Another daemon holds the lock: it is about to listen, or about to exit and free the lock for our next try.
    if (outcome === "running") await waitForOther(options, signal);
  }
}

async function waitForOther(options: DaemonOptions, signal: AbortSignal): Promise<void> {
  for (let attempt = 0; attempt < 40; attempt++) {
    const connection = await tryConnect(options, signal);
    if (connection) {
      connection.dispose();
      return;
    }
    await pause(retryMs, signal);
  }
}

async function tryConnect(options: DaemonOptions, signal: AbortSignal): Promise<Connection | undefined> {
  try {
    return await connectToDaemon(options, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (hasCode(error, "DAEMON_UNAVAILABLE")) return undefined;
    throw error;
  }
}

function storeDiffers(store: string | undefined): DevlatchError {
  const uses = store?.startsWith("redis:") ? "another Redis" : "its embedded store";
  return new DevlatchError(
    "STORE_DIFFERS",
    `The running daemon uses ${uses}, not the Redis in DEVLATCH_REDIS_URL.`,
    "Stop it with: devlatch daemon stop (servers go on running). The next command starts it on that Redis.",
  );
}
