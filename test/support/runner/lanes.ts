/** Something to run, once what it needs is there. */
export interface Job {
  /** Settles when it may begin; false: it never may. */
  readonly ready: Promise<boolean>;
  /** Whether nothing else may run meanwhile: it measures, or takes all of the machine. */
  readonly alone: boolean;
  /** Jobs of one group run at most so many at once, beside those of others. */
  readonly group: { readonly atMost: number };
  run(): Promise<void>;
}

/** How many jobs run at once. */
export interface Lanes {
  readonly atLeast: number;
  /** More than `atLeast` only as long as the machine has something to spare; as many as `atLeast` unless told. */
  readonly atMost?: number;
  /** Asked again and again, where more could run. Each `true` is good for one more. */
  readonly spare?: { ask(): boolean; readonly everyMs: number };
}

/**
 * Runs jobs in their order, so many at once as there are lanes; one whose need isn't met yet, or whose group is busy,
 * lets later ones go first. Those that are to run alone come last, one after the other.
 */
export async function runInLanes(jobs: readonly Job[], lanes: Lanes): Promise<void> {
  const together = new Crew(
    jobs.filter(({ alone }) => !alone),
    lanes,
  );
  await together.work();
  const alone = new Crew(
    jobs.filter((job) => job.alone),
    { atLeast: 1 },
  );
  await alone.work();
}

/** Jobs that are waiting and jobs that run: each end of one, and each that becomes ready, lets others begin. */
class Crew {
  readonly #lanes: Lanes;
  readonly #waiting: Set<Job>;
  readonly #ready = new Set<Job>();
  readonly #running = new Set<Job>();
  readonly #end = Promise.withResolvers<void>();

  constructor(jobs: readonly Job[], lanes: Lanes) {
    this.#lanes = lanes;
    this.#waiting = new Set(jobs);
  }

  async work(): Promise<void> {
    for (const job of this.#waiting) {
      job.ready.then((isReady) => {
        if (isReady) this.#ready.add(job);
        else this.#waiting.delete(job);
        this.#go();
      }, this.#end.reject);
    }
    this.#go();
    const timer = this.#whereThereIsMore();
    await this.#end.promise.finally(() => clearInterval(timer));
  }

  #go(): void {
    while (this.#running.size < this.#lanes.atLeast && this.#beginNext());
    if (this.#waiting.size === 0 && this.#running.size === 0) this.#end.resolve();
  }

  #whereThereIsMore(): NodeJS.Timeout | undefined {
    const { atLeast, atMost = atLeast, spare } = this.#lanes;
    if (!spare) return undefined;
    return setInterval(() => {
      const { size } = this.#running;
      if (spare.ask() && size >= atLeast && size < atMost) this.#beginNext();
    }, spare.everyMs);
  }

  /** @returns whether there was one that may begin */
  #beginNext(): boolean {
    const job = [...this.#waiting].find((one) => this.#ready.has(one) && this.#hasRoom(one));
    if (!job) return false;
    this.#waiting.delete(job);
    this.#running.add(job);
    job.run().then(() => {
      this.#running.delete(job);
      this.#go();
    }, this.#end.reject);
    return true;
  }

  #hasRoom({ group }: Job): boolean {
    return [...this.#running].filter((one) => one.group === group).length < group.atMost;
  }
}
