/** Something to run, once what it needs is there. */
export interface Job {
  /** Settles when it may begin; false: it never may. */
  readonly ready: Promise<boolean>;
  /** Whether nothing else may run meanwhile: it measures, or takes all of the machine. */
  readonly alone: boolean;
  run(): Promise<void>;
}

/**
 * Runs jobs in their order, at most `width` at once; one whose need isn't met yet lets later ones go first. Those that
 * are to run alone come last, one after the other.
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
  const settled = jobs.map(async (job) => {
    if (await job.ready) ready.add(job);
    else waiting.delete(job);
  });
  const next = () => [...waiting].find((job) => ready.has(job));
  const lane = async () => {
    while (waiting.size > 0) {
      const job = next();
      if (job) {
        waiting.delete(job);
        await job.run();
      } else await Promise.race([...waiting].map((one) => one.ready));
    }
  };
  await Promise.all(Array.from({ length: width }, lane));
  await Promise.all(settled);
}
