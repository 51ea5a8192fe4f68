import type { ProcessIdentity } from "../../shared/model/process.ts";
import { keyOf } from "./pid-history.ts";

/** A process between fork and exec shows its parent's environment or none: an empty answer counts the second time. */
const looksForNone = 2;

/**
 * Which mark each process carries (see `markOf`). Environments are the dear part of a look at all processes, and a
 * process' own never changes but by exec. That may drop a mark: who once had it is of the tree all the same. None
 * gains one by it but the leader, which is known otherwise.
 */
export class MarkMemory {
  readonly #marks = new Map<string, string>();
  /** How often a process was found without a mark. */
  readonly #without = new Map<string, number>();

  /** Forgets processes that aren't among these. @returns those whose environment has to be read */
  unknownAmong<T extends ProcessIdentity>(processes: readonly T[]): readonly T[] {
    const living = new Set(processes.map(keyOf));
    for (const map of [this.#marks, this.#without]) {
      for (const key of map.keys()) if (!living.has(key)) map.delete(key);
    }
    return processes.filter((process) => {
      const key = keyOf(process);
      return !this.#marks.has(key) && (this.#without.get(key) ?? 0) < looksForNone;
    });
  }

  /** Takes in what was read. @param mark undefined for a process without one, or whose environment is hidden */
  learn(process: ProcessIdentity, mark: string | undefined): void {
    const key = keyOf(process);
    if (mark === undefined) this.#without.set(key, (this.#without.get(key) ?? 0) + 1);
    else this.#marks.set(key, mark);
  }

  of(process: ProcessIdentity): string | undefined {
    return this.#marks.get(keyOf(process));
  }
}
