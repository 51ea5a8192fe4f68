import type { Log } from "../../shared/base/log.ts";
import type { Home } from "../../shared/client/home.ts";
import type { Processes } from "../processes/processes.ts";

/** A program of its own that the daemon starts, with its leading arguments. */
export interface OwnProgram {
  readonly file: string;
  readonly args: readonly string[];
}

/** What a daemon is made from. */
export interface DaemonOptions {
  readonly home: Home;
  readonly log: Log;
  readonly processes: Processes;
  readonly hostProgram: OwnProgram;
  /** Looks at databases for the health check. */
  readonly databaseProgram: OwnProgram;
  /** Selects Redis instead of the embedded store. */
  readonly redisUrl: string | undefined;
  readonly shutDown: () => void;
  /** The daemon that served this home before and died; what it held is released. */
  readonly predecessor: { readonly epoch: string; readonly pid: number } | undefined;
}
