import { mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ownArgument } from "../../shared/model/marks.ts";
import { userEnv } from "./env.ts";
import type { Owner } from "./owner.ts";
import {
  descendantsOf,
  endProcesses,
  hasVariable,
  isAlive,
  processesWith,
  type SeenProcess,
  seeProcess,
  withFilesIn,
} from "./processes.ts";

/** A daemon's state in a directory of its own. */
export interface TestHome {
  /** Value of `DEVLATCH_HOME`: absolute, real, and short enough for a socket. */
  readonly directory: string;
  /** A user's environment with this home in it. */
  env(extra?: NodeJS.ProcessEnv): NodeJS.ProcessEnv;
  /** The pid in `daemon.json`, if it is that of a living process of this home. */
  daemonPid(): number | undefined;
  /** Ends everything that runs with this home, the daemon first, and removes the directory. */
  dispose(): Promise<void>;
}

/**
 * A fresh home that ends with its owner. What V8 made of the programs is there already, as at every start of a user's but
 * the first: the test files of one run share it.
 * @param options `uncompiled`: the home is as at the very first start
 */
export function createHome(owner: Owner, options: { readonly uncompiled?: boolean } = {}): TestHome {
  const directory = mkdtempSync(join(realpathSync(tmpdir()), "dl-"));
  const compiled = options.uncompiled ? undefined : process.env["NODE_COMPILE_CACHE"];
  if (compiled !== undefined) symlinkSync(compiled, join(directory, "cache"));
  const known = new Map<string, SeenProcess>();
  const running = () => {
    const found = [...processesWith("DEVLATCH_HOME", directory), ...sessionsOf(directory)];
    // Once its host has ended, a server's process is no descendant of it any more.
    for (const one of found) if (one.pid !== process.pid) known.set(`${one.pid} ${one.startTime}`, one);
    return [...known.values()].filter(isAlive);
  };
  const daemon = () => {
    const pid = recordedPid(directory);
    const seen =
      pid !== undefined && hasVariable(pid, "DEVLATCH_HOME", directory) ? seeProcess(pid) : undefined;
    return seen ? [seen] : [];
  };
  const home: TestHome = {
    directory,
    env: (extra = {}) => userEnv({ DEVLATCH_HOME: directory, ...extra }),
    daemonPid: () => daemon()[0]?.pid,
    dispose: () => end(directory, daemon, running),
  };
  owner.after(() => home.dispose());
  return home;
}

/**
 * The session hosts of a home with all below them: a host's environment names no home, nor does that of a server whose
 * caller had none.
 */
function sessionsOf(directory: string): readonly SeenProcess[] {
  const hosts = withFilesIn(join(directory, "sessions"), ownArgument);
  return [...hosts, ...descendantsOf(hosts)];
}

/** The daemon goes first, or it would restart what is taken from under it. */
async function end(
  directory: string,
  daemon: () => readonly SeenProcess[],
  running: () => readonly SeenProcess[],
): Promise<void> {
  await endProcesses(daemon);
  await endProcesses(running);
  rmSync(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
}

function recordedPid(directory: string): number | undefined {
  try {
    const state: unknown = JSON.parse(readFileSync(join(directory, "daemon.json"), "utf8"));
    const pid = typeof state === "object" && state !== null && "pid" in state ? state.pid : undefined;
    return typeof pid === "number" ? pid : undefined;
  } catch {
    return undefined; // Tests put garbage there on purpose.
  }
}
