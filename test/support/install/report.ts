import { formatMs } from "../../../shared/base/deadline.ts";

/** Says in plain words what is being installed, and how long it took. */
export async function announced<T>(what: string, work: () => Promise<T>): Promise<T> {
  const begun = performance.now();
  console.log(`Installing ${what} …`);
  const result = await work();
  console.log(`Installed ${what} in ${formatMs(performance.now() - begun)}.`);
  return result;
}

/** Something the tests need can't be had here; the message says what, and how to get it. */
export class MissingPrerequisite extends Error {
  override name = "MissingPrerequisite";
}
