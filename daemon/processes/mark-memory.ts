import type { ProcessIdentity } from "../../shared/model/process.ts";
import { keyOf } from "./pid-history.ts";

/** A process between fork and exec shows its parent's environment or none: what it shows the second time counts. */
const looksNeeded = 2;

/**
 * Which mark each process carries (see `markOf`). Environments are the dear part of a look at all processes, and a
 * process' own never changes but by exec. That may drop a mark: who once had it is of the tree all the same.
 */
export class MarkMemory {
  readonly #seen = new Map<string, { readonly mark: string | undefined; readonly looks: number }>();

  /** Forgets processes that aren't among these. @returns those whose environment has to be read */
  unknownAmong<T extends ProcessIdentity>(processes: readonly T[]): readonly T[] {
    const living = new Set(processes.map(keyOf));
    for (const key of this.#seen.keys()) if (!living.has(key)) this.#seen.delete(key);
    return processes.filter((process) => (this.#seen.get(keyOf(process))?.looks ?? 0) < looksNeeded);
  }

  /** Takes in what was read. @param mark undefined for a process without one, or whose environment is hidden */
  learn(process: ProcessIdentity, mark: string | undefined): void {
    const before = this.#seen.get(keyOf(process));
    this.#seen.set(keyOf(process), { mark: mark ?? before?.mark, looks: (before?.looks ?? 0) + 1 });
  }

  of(process: ProcessIdentity): string | undefined {
    return this.#seen.get(keyOf(process))?.mark;
  }
}
