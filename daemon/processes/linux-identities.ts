import type { ProcessIdentity, ProcessView } from "../../shared/model/process.ts";
import { type ProcStat, readBootId, readCommandLine, readCwd, readStat, readUid } from "./proc-files.ts";
import { endedCommand } from "./send-signal.ts";
import { userName } from "./users.ts";

/** Which process a pid stands for, by the boot and the tick of its start, and what people know it by. */
export class LinuxIdentities {
  readonly #bootId = readBootId();

  /** Whether it is this very process, and no zombie. */
  isAlive({ pid, startTime }: ProcessIdentity): boolean {
    const stat = readStat(pid);
    return stat !== undefined && !stat.zombie && this.startTime(stat) === startTime;
  }

  /** Its command, directory and user, all of this very process. */
  describe({ pid, startTime }: ProcessIdentity): ProcessView {
    const name = readStat(pid)?.name;
    const command = readCommandLine(pid) ?? `[${name}]`;
    const cwd = readCwd(pid);
    const uid = readUid(pid);
    // Compared after reading: what was read must be this process' own, for people consent by it.
    if (!this.isAlive({ pid, startTime })) return { pid, startTime, command: endedCommand };
    return {
      pid,
      startTime,
      command,
      ...(cwd === undefined ? {} : { cwd }),
      ...(uid === undefined ? {} : { user: userName(uid) }),
    };
  }

  /** When it began, as it is written in identities. */
  startTime({ startTicks }: ProcStat): string {
    return `${this.#bootId}:${startTicks}`;
  }

  /** Ticks of a start time of this boot; undefined for another boot's. */
  orderOf(startTime: string): number | undefined {
    const prefix = `${this.#bootId}:`;
    const ticks = startTime.startsWith(prefix) ? Number(startTime.slice(prefix.length)) : Number.NaN;
    return Number.isInteger(ticks) ? ticks : undefined;
  }
}
