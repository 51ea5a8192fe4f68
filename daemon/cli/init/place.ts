import { lstatSync, realpathSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { faultOf, faultWords } from "../../../shared/base/believed-path.ts";
import { isWithin } from "../../../shared/base/within.ts";

/** Where a file really is, or why it isn't touched. */
export type Place =
  | { readonly kind: "place"; readonly file: string }
  /** `why` follows the path in a sentence. */
  | { readonly kind: "refused"; readonly why: string };

/**
 * Where a path below a directory leads: to a file that is there, or is to be made. Links are followed, but not out of the
 * directory, and nothing is touched that another user could have written.
 * @param base real path of the directory
 * @param path relative to it
 */
export function placeOf(base: string, path: string): Place {
  const file = realOf(join(base, path));
  if (file === undefined) return { kind: "refused", why: "is a link that leads nowhere" };
  if (!isWithin(file, base)) return { kind: "refused", why: `leads out of ${base}: to ${file}` };
  const fault = faultOf(file, "anything", process.getuid?.(), privateGroup());
  return fault
    ? { kind: "refused", why: `isn't touched: ${faultWords(file, fault)}` }
    : { kind: "place", file };
}

/**
 * The group that has this user alone: most systems make one for each user, of the same number, and let it write to all that
 * its user makes.
 */
function privateGroup(): number | undefined {
  const group = process.getgid?.();
  return group === process.getuid?.() ? group : undefined;
}

/** The real path of what is there, or is still to be made; undefined where a link on the way leads nowhere. */
function realOf(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    if (isThere(path)) return undefined;
    const above = dirname(path);
    const real = above === path ? undefined : realOf(above);
    return real === undefined ? undefined : join(real, basename(path));
  }
}

function isThere(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    // A file stands where a directory should: what is wrong with the way is told by who looks at it.
    return false;
  }
}
