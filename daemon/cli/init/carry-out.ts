import { join } from "node:path";
import { type ErrorShape, toErrorShape } from "../../../shared/base/errors.ts";
import type { Context } from "../context.ts";
import { emptyDirectories, keepDirectories, keptDirectories } from "./empty-directories.ts";
import type { Job } from "./job.ts";
import type { Change } from "./plan.ts";
import { writeChange } from "./write.ts";

/** What became of the changes. */
export interface CarriedOut {
  readonly written: readonly Change[];
  readonly failed: readonly { readonly path: string; readonly error: ErrorShape }[];
}

/**
 * Makes the changes one after the other; one that fails keeps no other from being made.
 * @throws DevlatchError `UNSAFE_PATH` where Devlatch's home can't be used; the signal's reason
 */
export async function carryOut(
  { base, direction }: Job,
  changes: readonly Change[],
  { home, signal }: Context,
): Promise<CarriedOut> {
  const before = keptDirectories(home, base);
  const empty = emptyDirectories(base, changes);
  if (empty.length > 0) keepDirectories(home, base, [...new Set([...before, ...empty])]);
  const kept = new Set(before.map((path) => join(base, path)));
  const written: Change[] = [];
  const failed: CarriedOut["failed"][number][] = [];
  for (const change of changes) {
    signal.throwIfAborted();
    try {
      await writeChange(base, change, kept);
      written.push(change);
    } catch (error) {
      failed.push({ path: change.path, error: toErrorShape(error) });
    }
  }
  if (direction === "take" && failed.length === 0) keepDirectories(home, base, []);
  return { written, failed };
}
