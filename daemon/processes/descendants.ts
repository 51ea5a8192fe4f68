import { type ProcStat, readChildren, readMark, readPids, readStat } from "./proc-files.ts";

/**
 * Living descendants of a process, each read when it is handed out: who takes one can act before the next is looked at.
 * Who is marked as another's than the launch with this cookie is left out, with all that descends from it.
 * The kernel's lists of children take some microseconds a process; where it has none (CONFIG_PROC_CHILDREN), all
 * processes are read.
 */
export function* descendants(pid: number, cookie: string): Generator<ProcStat> {
  const found = childrenOf(pid);
  for (let next = found.pop(); next !== undefined; next = found.pop()) {
    const stat = readStat(next);
    if (stat === undefined || isElsewhere(stat, cookie)) continue;
    if (!stat.zombie) yield stat;
    found.push(...childrenOf(next));
  }
}

/** A process that belongs to none of this tree leads a session; see `Selection.#isElsewhere` in `tree.ts`. */
function isElsewhere({ pid, sid }: ProcStat, cookie: string): boolean {
  return sid === pid && (readMark(pid) ?? cookie) !== cookie;
}

/** Children of a process, zombies too. */
export function childrenOf(pid: number): number[] {
  return readChildren(pid) ?? readPids().filter((candidate) => readStat(candidate)?.ppid === pid);
}
