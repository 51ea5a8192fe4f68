import { readFileSync } from "node:fs";

/** System calls the audit is made of. */
export const auditedCalls = "execve,clone,clone3,fork,vfork,kill,tkill,tgkill,pidfd_send_signal";

/** A signal as the kernel was asked to send it. */
export interface KernelSignal {
  /** Process (not thread) that sent it. */
  readonly from: number;
  /** Pid, or the negated number of a group. */
  readonly to: number;
  readonly signal: string;
}

/** What a log of strace tells of processes: who came from whom, what they ran, and which signals were sent. */
export interface KernelLog {
  readonly parents: ReadonlyMap<number, number>;
  /** Arguments of the last `execve` of each process, as strace prints them. */
  readonly programs: ReadonlyMap<number, string>;
  readonly signals: readonly KernelSignal[];
}

/** Reads logs of `strace -f -o`. A call that was interrupted is printed in two parts; either may hold what matters. */
export function readKernelLogs(files: readonly string[]): KernelLog {
  const lines = files.flatMap((file) => readFileSync(file, "utf8").split("\n"));
  const parents = new Map<number, number>();
  const threads = new Map<number, number>();
  const programs = new Map<number, string>();
  const flags = new Map<number, string>();
  for (const line of lines) {
    const [, by = "", text = ""] = /^(\d+) +(.*)$/.exec(line) ?? [];
    const caller = Number(by);
    if (/^(clone|clone3|fork|vfork)\(/.test(text)) flags.set(caller, text);
    if (text.startsWith("execve(")) programs.set(caller, text);
    const [, child] = /(?:clone3?|v?fork)\b.*\)\s+= (\d+)$/.exec(text) ?? [];
    if (child === undefined) continue;
    const isThread = flags.get(caller)?.includes("CLONE_THREAD") || text.includes("CLONE_THREAD");
    if (isThread) threads.set(Number(child), caller);
    else parents.set(Number(child), caller);
  }
  const processOf = (id: number): number => {
    const leader = threads.get(id);
    return leader === undefined ? id : processOf(leader);
  };
  for (const [child, parent] of parents) parents.set(child, processOf(parent));
  return { parents, programs, signals: lines.flatMap((line) => signalIn(line, processOf)) };
}

function signalIn(line: string, processOf: (id: number) => number): readonly KernelSignal[] {
  const [, by, call, first, second, third] =
    /^(\d+) +(kill|tkill|tgkill|pidfd_send_signal)\((-?\d+), (-?\w+)(?:, (\w+))?/.exec(line) ?? [];
  if (by === undefined || first === undefined) return [];
  const [to, signal] = call === "tgkill" ? [first, third] : [first, second];
  if (signal === undefined || signal === "0") return [];
  return [{ from: processOf(Number(by)), to: Number(to), signal }];
}
