import type { Disposable } from "../../shared/base/disposable.ts";
import { childrenOf } from "./descendants.ts";
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

interface LibC {
  prctl(option: number, argument: number): number;
  waitpid(pid: number): number;
}

/**
 * Makes this process a child subreaper (PR_SET_CHILD_SUBREAPER(2const)): a descendant whose parent ends becomes its
 * child, whatever group, session and environment it gave itself. Zombies among those are reaped as they come.
 * @param isSpawned whether somebody else waits for this child (Node, the terminal): reaped here, it would never end there
 * @returns undefined where the platform has no subreapers or its C library can't be reached
 */
export async function becomeSubreaper(isSpawned: (pid: number) => boolean): Promise<Subreaper | undefined> {
  if (process.platform !== "linux") return undefined;
  const libc = await loadLibC();
  if (libc === undefined || libc.prctl(setChildSubreaper, 1) !== 0) return undefined;
  const reap = () => {
    for (const pid of childrenOf(process.pid)) {
      if (!isSpawned(pid) && readStat(pid)?.zombie === true) libc.waitpid(pid);
    }
  };
  // One signal may stand for many children, and is no use to anybody who isn't looked for afterwards.
  process.on("SIGCHLD", reap);
  return { reap, dispose: () => void process.off("SIGCHLD", reap) };
}

/** Through koffi, a foreign function interface; the process' own symbols, so that glibc and musl do alike. */
async function loadLibC(): Promise<LibC | undefined> {
  try {
    const { default: koffi } = await import("koffi");
    const libc = koffi.load(null);
    const prctl = libc.func("int prctl(int, unsigned long, unsigned long, unsigned long, unsigned long)");
    const waitpid = libc.func("int waitpid(int, void *, int)");
    return {
      prctl: (option, argument) => Number(prctl(option, argument, 0, 0, 0)),
      waitpid: (pid) => Number(waitpid(pid, null, dontWait)),
    };
  } catch {
    return undefined;
  }
}
