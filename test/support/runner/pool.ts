/** Runs `work` over the items, at most `width` at once, and hands every outcome to `done` as it comes. */
export async function inPool<T, R>(
  items: readonly T[],
  width: number,
  work: (item: T) => Promise<R>,
  done: (outcome: R) => void,
): Promise<void> {
  const waiting = [...items];
  const lane = async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) done(await work(item));
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, lane));
}
