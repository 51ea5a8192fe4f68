import { homedir } from "node:os";
import { join, resolve } from "node:path";

/** Where the state of one daemon lives. All files are the user's own: directories 0700, files 0600. */
export interface Home {
  /** Absolute path. */
  readonly directory: string;
  /** The key both sides prove to know. */
  readonly tokenFile: string;
  /** Where the daemon is and what it is; a hint, never a lock. */
  readonly stateFile: string;
  /** Held exclusively by the one daemon, as an open SQLite transaction. */
  readonly lockFile: string;
  /** Who is launching the daemon just now; see `launch-turn.ts`. */
  readonly launchFile: string;
  /** The embedded store. */
  readonly storeFile: string;
  /** What goes on while a shared store is away. */
  readonly outageFile: string;
  readonly logFile: string;
  /** What happened on this machine: signals, sessions. */
  readonly journalFile: string;
  /** How every component was, for a week. */
  readonly healthFile: string;
  /** Thresholds of the health checks, written by a person; need not exist. */
  readonly healthSettingsFile: string;
  /** What was told of problems, and what the user doesn't want to hear. */
  readonly alertsFile: string;
  /** Cleanups that aren't finished. */
  readonly cleanupsFile: string;
  /** Directories that `devlatch init` found empty, and leaves when they are so again. */
  readonly initFile: string;
  /** One directory per session below it. */
  readonly sessionsDirectory: string;
  /** The sandbox pool's own files: tokens of claimed sandboxes. */
  readonly sandboxesDirectory: string;
  /** What V8 made of our own programs, so that they start faster; may go at any time. */
  readonly cacheDirectory: string;
  /**
   * Where the daemon listens: a unix socket, or a link to it where this path is too long for one. On Windows no file, but
   * what the name of the daemon's pipe is made of; the state file has it.
   */
  readonly socketPath: string;
}

/**
 * The home named by `DEVLATCH_HOME`, or `~/.devlatch`; on Windows `%LOCALAPPDATA%\Devlatch`, which doesn't wander from
 * machine to machine with its user.
 * @param env the environment to look in
 */
export function locateHome(env: NodeJS.ProcessEnv = process.env): Home {
  const directory = resolve(env["DEVLATCH_HOME"] || usualPlace(env));
  return {
    directory,
    tokenFile: join(directory, "token"),
    stateFile: join(directory, "daemon.json"),
    lockFile: join(directory, "daemon.lock"),
    launchFile: join(directory, "daemon.launch"),
    storeFile: join(directory, "store.db"),
    outageFile: join(directory, "outage.db"),
    logFile: join(directory, "daemon.log"),
    journalFile: join(directory, "journal.db"),
    healthFile: join(directory, "health.db"),
    healthSettingsFile: join(directory, "health.json"),
    alertsFile: join(directory, "alerts.json"),
    cleanupsFile: join(directory, "cleanups.json"),
    initFile: join(directory, "init.json"),
    sessionsDirectory: join(directory, "sessions"),
    sandboxesDirectory: join(directory, "sandboxes"),
    cacheDirectory: join(directory, "cache"),
    socketPath: join(directory, "daemon.sock"),
  };
}

function usualPlace(env: NodeJS.ProcessEnv): string {
  if (process.platform !== "win32") return join(homedir(), ".devlatch");
  return join(env["LOCALAPPDATA"] || join(homedir(), "AppData", "Local"), "Devlatch");
}
