import { type ProcStat, readChildren, readMark, readPids, readStat } from "./proc-files.ts";

/** Whether a process really is what its mark says; see `Strangers`. */
type IsStranger = (process: ProcStat, mark: string) => boolean;

/**
 * Living descendants of a process, each read when it is handed out: who takes one can act before the next is looked at.
 * Who proves to be another's than the launch with this cookie is left out, with all that descends from it.
 * The kernel's lists of children take some microseconds a process; where it has none (CONFIG_PROC_CHILDREN), all
 * processes are read.
 */
export function* descendants(pid: number, cookie: string, isStranger: IsStranger): Generator<ProcStat> {
  const found = childrenOf(pid);
  for (let next = found.pop(); next !== undefined; next = found.pop()) {
    const stat = readStat(next);
    if (stat === undefined || isElsewhere(stat, cookie, isStranger)) continue;
    if (!stat.zombie) yield stat;
    found.push(...childrenOf(next));
  }
}

/** A process that belongs to none of this tree leads a session; see `Selection.#isElsewhere` in `tree.ts`. */
function isElsewhere(stat: ProcStat, cookie: string, isStranger: IsStranger): boolean {
  if (stat.sid !== stat.pid) return false;
  const mark = readMark(stat.pid) ?? cookie;
  return mark !== cookie && isStranger(stat, mark);
}

/** Children of a process, zombies too. */
export function childrenOf(pid: number): number[] {
  return readChildren(pid) ?? readPids().filter((candidate) => readStat(candidate)?.ppid === pid);
}
