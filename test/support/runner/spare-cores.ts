import { type CpuInfo, cpus } from "node:os";

/**
 * Whether the machine had something to spare since it was asked last: most tests wait for most of their time, so that
 * more of them fit beside each other; those that compute don't.
 */
export class SpareCores {
  readonly #read: () => readonly CpuInfo[];
  #last: Spent;

  /** @param read the times of all cores, in milliseconds; those of `os.cpus` unless told */
  constructor(read: () => readonly CpuInfo[] = cpus) {
    this.#read = read;
    this.#last = spent(read());
  }

  /** @param share of one core that has to have been idle: 0.5 is half a core, of however many there are */
  ask(share: number): boolean {
    const cores = this.#read();
    const now = spent(cores);
    const { idleMs, allMs } = { idleMs: now.idleMs - this.#last.idleMs, allMs: now.allMs - this.#last.allMs };
    this.#last = now;
    return allMs > 0 && (idleMs / allMs) * cores.length >= share;
  }
}

interface Spent {
  readonly idleMs: number;
  readonly allMs: number;
}

function spent(cores: readonly CpuInfo[]): Spent {
  let idleMs = 0;
  let allMs = 0;
  for (const { times } of cores) {
    idleMs += times.idle;
    allMs += times.user + times.nice + times.sys + times.irq + times.idle;
  }
  return { idleMs, allMs };
}
