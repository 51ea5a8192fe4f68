/** Most entries of one list or record in a request's parameters. */
const maxEntries = 10_000;
/** Most of all lists and records together. */
const maxValues = 50_000;
/** Deepest nesting. */
const maxDepth = 64;

/**
 * Where a request's parameters hold more than any request needs, before they are looked at more closely: a list of
 * millions would have millions of faults. Strings are bounded by the message.
 */
export function findOversize(params: unknown): { path: PropertyKey[]; message: string } | undefined {
  const open: { value: unknown; path: PropertyKey[] }[] = [{ value: params, path: [] }];
  let values = 0;
  for (let one = open.pop(); one !== undefined; one = open.pop()) {
    const { value, path } = one;
    if (typeof value !== "object" || value === null) continue;
    if (path.length > maxDepth)
      return { path: path.slice(0, 3), message: `is nested deeper than ${maxDepth}` };
    const entries = Object.entries(value);
    if (entries.length > maxEntries) {
      return { path, message: `has ${entries.length} entries, more than ${maxEntries}` };
    }
    values += entries.length;
    if (values > maxValues) return { path: [], message: `hold more than ${maxValues} values` };
    for (const [key, inner] of entries) open.push({ value: inner, path: [...path, key] });
  }
  return undefined;
}
