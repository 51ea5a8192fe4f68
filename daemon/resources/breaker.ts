import { totalmem } from "node:os";
import type { Limits } from "../../shared/model/app.ts";
import { megabyte, memoryWords } from "../../shared/model/resource-words.ts";
import type { Resources } from "../../shared/model/resources.ts";
import type { TreeSample } from "./tree-source.ts";

/** Looks in a row that have to find too much: a build may take a lot for a moment. */
const looksNeeded = 2;
/** Where configuration says nothing: no dev server needs as many, and a machine without memory is of no use. */
const mostProcesses = 1_000;
const memoryShare = 0.8;

/** What a tree may use. */
export interface EffectiveLimits {
  readonly processes: number;
  readonly memoryBytes: number;
}

/**
 * What is configured, or what applies where nothing is.
 * @param memoryBytes of the machine, or of the container this runs in
 */
export function effectiveLimits(
  limits: Limits | undefined,
  memoryBytes: number = availableMemory(),
): EffectiveLimits {
  const { processes = mostProcesses, memoryMb } = limits ?? {};
  return { processes, memoryBytes: memoryMb === undefined ? memoryBytes * memoryShare : memoryMb * megabyte };
}

/** Tells which trees use too much, look after look. */
export class Breaker {
  readonly #memoryBytes: number;
  /** Looks in a row over the limit, by session and launch. */
  readonly #over = new Map<string, number>();

  /** @param memoryBytes of the machine, or of the container this runs in */
  constructor(memoryBytes: number = availableMemory()) {
    this.#memoryBytes = memoryBytes;
  }

  /**
   * Takes the samples of one round.
   * @param limitsOf what is configured for a session
   * @returns those to be stopped, with the reason in words
   */
  judge(
    samples: readonly TreeSample[],
    limitsOf: (key: string) => Limits | undefined,
  ): readonly { readonly key: string; readonly launchId: string; readonly why: string }[] {
    const before = new Map(this.#over);
    this.#over.clear();
    return samples.flatMap((sample) => {
      const { key, launchId } = sample;
      const why = this.#excess(sample, limitsOf(key) ?? {});
      if (why === undefined || launchId === undefined) return [];
      const looks = (before.get(`${key} ${launchId}`) ?? 0) + 1;
      this.#over.set(`${key} ${launchId}`, looks);
      return looks >= looksNeeded ? [{ key, launchId, why }] : [];
    });
  }

  #excess({ processes, memoryBytes }: Resources, limits: Limits): string | undefined {
    const most = effectiveLimits(limits, this.#memoryBytes);
    if (processes > most.processes)
      return `it had ${processes} processes, and ${most.processes} are its limit`;
    if (memoryBytes <= most.memoryBytes) return undefined;
    return `it used ${memoryWords(memoryBytes)} of memory, and ${memoryWords(most.memoryBytes)} are its limit`;
  }
}

let known: number | undefined;

/** Of the machine, or of the container this runs in, in bytes. Read once: it is asked for with every sample, and takes eight files to find out. */
export function availableMemory(): number {
  known ??= Math.min(process.constrainedMemory() || totalmem(), totalmem());
  return known;
}
