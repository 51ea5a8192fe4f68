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
    const size = Array.isArray(value) ? value.length : Object.keys(value).length;
    if (size > maxEntries) return { path, message: `has ${size} entries, more than ${maxEntries}` };
    values += size;
    if (values > maxValues) return { path: [], message: `hold more than ${maxValues} values` };
    for (const [key, inner] of Object.entries(value)) open.push({ value: inner, path: [...path, key] });
  }
  return undefined;
}
