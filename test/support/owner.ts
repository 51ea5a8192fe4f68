/**
 * What ends the things that a test made: a `TestContext`, or `{ after }` of `node:test` for a whole file. Hooks run in the
 * order node:test gives them; every part here cleans up on its own and tolerates being cleaned up twice.
 */
export interface Owner {
  after(end: () => void | Promise<void>): void;
}

/** Runs `work` and then, whatever came of it, what it registered: the last first, each to its end. */
export async function owning<T>(work: (owner: Owner) => Promise<T>): Promise<T> {
  const ends: (() => void | Promise<void>)[] = [];
  try {
    return await work({ after: (end) => void ends.unshift(end) });
  } finally {
    for (const end of ends) await end();
  }
}
