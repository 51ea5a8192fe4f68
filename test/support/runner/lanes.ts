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

/**
 * Runs jobs in their order, at most `width` at once; one whose need isn't met yet, or whose group is busy, lets later
 * ones go first. Those that are to run alone come last, one after the other.
 */
export async function runInLanes(jobs: readonly Job[], width: number): Promise<void> {
  await runTogether(
    jobs.filter(({ alone }) => !alone),
    width,
  );
  await runTogether(
    jobs.filter(({ alone }) => alone),
    1,
  );
}

async function runTogether(jobs: readonly Job[], width: number): Promise<void> {
  const waiting = new Set(jobs);
  const ready = new Set<Job>();
  const running = new Set<Job>();
  let changed = Promise.withResolvers<void>();
  const tell = () => {
    changed.resolve();
    changed = Promise.withResolvers();
  };
  for (const job of jobs) {
    void job.ready.then((isReady) => {
      if (isReady) ready.add(job);
      else waiting.delete(job);
      tell();
    });
  }
  const hasRoom = ({ group }: Job) => [...running].filter((one) => one.group === group).length < group.atMost;
  const lane = async () => {
    while (waiting.size > 0) {
      const job = [...waiting].find((one) => ready.has(one) && hasRoom(one));
      if (!job) {
        await changed.promise;
        continue;
      }
      waiting.delete(job);
      running.add(job);
      await job.run();
      running.delete(job);
      tell();
    }
  };
  await Promise.all(Array.from({ length: width }, lane));
}
