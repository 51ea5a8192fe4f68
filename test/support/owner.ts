/**
 * Whoever ends what a test made: a `TestContext`, or `{ after }` of `node:test` for a whole file. Hooks run in the
 * order node:test gives them; every part here cleans up on its own and tolerates being cleaned up twice.
 */
export interface Owner {
  after(end: () => void | Promise<void>): void;
}
