import { AsyncLocalStorage } from "node:async_hooks";
import { randomToken } from "../../shared/base/token.ts";

interface Work {
  readonly holder: string;
  over: boolean;
}

const enclosing = new AsyncLocalStorage<Work>();

/**
 * Identity of the work that asks for a lock: what the caller says, else that of the work it is nested in, else a new
 * one. Who holds one lock and waits for another is known by it. What a piece of work left behind when it ended is no
 * part of it any more.
 */
export function holderOf(given: string | undefined): string {
  const work = enclosing.getStore();
  return given ?? (work && !work.over ? work.holder : randomToken());
}

/** Runs work so that the locks it asks for are known to be asked for by this holder. */
export async function runAs<T>(holder: string, work: () => Promise<T>): Promise<T> {
  const self: Work = { holder, over: false };
  try {
    return await enclosing.run(self, work);
  } finally {
    self.over = true;
  }
}
