/** Largest bundle, in bytes: what most trackers take as an attachment. */
const mostBytes = 2 * 1024 * 1024;

/** A list somewhere in the bundle. */
interface Found {
  readonly list: unknown[];
  readonly bytes: number;
}

/**
 * The bundle as JSON that a person can read. Where it is too large the longest lists lose their older half, and say so.
 */
export function fit(bundle: unknown, limit = mostBytes): string {
  for (;;) {
    const text = JSON.stringify(bundle, null, 1);
    if (Buffer.byteLength(text) <= limit) return `${text}\n`;
    const longest = lists(bundle).reduce<Found | undefined>(
      (most, one) => (most && most.bytes >= one.bytes ? most : one),
      undefined,
    );
    if (!longest || longest.list.length < 2) return tooLarge(bundle);
    const dropped = Math.ceil(longest.list.length / 2);
    longest.list.splice(0, dropped, `<${dropped} older left out>`);
  }
}

function lists(value: unknown): Found[] {
  if (typeof value !== "object" || value === null) return [];
  const below = Object.values(value).flatMap(lists);
  if (!Array.isArray(value) || value.length < 2) return below;
  return [{ list: value, bytes: JSON.stringify(value).length }, ...below];
}

/** One text alone is larger than all that may be told. */
function tooLarge(bundle: unknown): string {
  const parts = Object.entries(bundle as object).map(([name, part]) => {
    const bytes = JSON.stringify(part)?.length ?? 0;
    return [name, bytes > 100_000 ? `<${bytes} bytes left out>` : part] as const;
  });
  return `${JSON.stringify(Object.fromEntries(parts), null, 1)}\n`;
}
