import type { Disposable } from "../../shared/base/disposable.ts";
import { childrenOf } from "./descendants.ts";
import { loadLibC } from "./libc.ts";
import { readStat } from "./proc-files.ts";

/** prctl(2), PR_SET_CHILD_SUBREAPER. */
const setChildSubreaper = 36;
/** waitpid(2), WNOHANG. */
const dontWait = 1;

/** Ends with the reaping, not with being a subreaper. */
export interface Subreaper extends Disposable {
  /** Reaps what has ended; happens by itself whenever a child ends. */
  reap(): void;
}

/**
 * Makes this process a child subreaper (PR_SET_CHILD_SUBREAPER(2const)): a descendant whose parent ends becomes its
 * child, whatever group, session and environment it gave itself. Zombies among those are reaped as they come.
 * @param isSpawned whether Node or the terminal waits for this child: reaped here, it would never end there
 * @returns undefined where the platform has no subreapers or its C library can't be reached
 */
export async function becomeSubreaper(isSpawned: (pid: number) => boolean): Promise<Subreaper | undefined> {
  const libc = await loadLibC();
  if (libc === undefined || libc.prctl(setChildSubreaper, 1) !== 0) return undefined;
  const reap = () => {
    for (const pid of childrenOf(process.pid)) {
      if (!isSpawned(pid) && readStat(pid)?.zombie === true) libc.waitpid(pid, dontWait);
    }
  };
  // One signal may stand for many children, and says nothing of a child that isn't looked for afterwards.
  process.on("SIGCHLD", reap);
  return { reap, dispose: () => void process.off("SIGCHLD", reap) };
}
