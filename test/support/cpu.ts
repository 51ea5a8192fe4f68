/**
 * CPU time this process takes for `work`, in milliseconds. A busy machine makes work take longer, and not more.
 */
export async function cpuMs(work: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

/** What is linear takes a small part of so much CPU time, in milliseconds; what isn't takes hours. */
export const linearCpuMs = 30_000;
