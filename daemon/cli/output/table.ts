import { withoutEscapes } from "../../../shared/base/plain-text.ts";
import type { Paint } from "./style.ts";
import { padded, shorten, shortenPath, widthOf } from "./width.ts";

type Row = readonly string[];

const gap = "  ";
/** No column gets narrower than this for others' sake: less of a text tells nothing. */
const leastColumns = 10;

/**
 * Rows in aligned columns below their heads; two spaces between columns, none at the end of a line. On a terminal it is as
 * wide as that at most: the widest columns are shortened.
 */
export function table(heads: Row, rows: readonly Row[], paint: Paint): string {
  const isPath = heads.map((head) => head === "DIRECTORY");
  const [first = "", ...lines] = aligned([heads, ...rows], paint.columns, isPath);
  return [paint("dim", first), ...lines].join("\n");
}

/**
 * Rows in aligned columns, a line each. The last cell of a row with fewer cells than others goes on over the columns it
 * doesn't have.
 * @param columns most that a line may take; undefined where nothing is shortened
 * @param isPath by column, whether paths stand there
 */
export function aligned(
  rows: readonly Row[],
  columns: number | undefined,
  isPath: readonly boolean[] = [],
): string[] {
  const widths = widthsOf(rows);
  if (columns !== undefined) fit(widths, rows, columns);
  return rows.map((row) => {
    const cells = row.map((cell, column) => {
      const goesOn = column === row.length - 1 && row.length < widths.length;
      const width = goesOn ? Number.POSITIVE_INFINITY : (widths[column] ?? 0);
      return goesOn ? cell : padded(isPath[column] ? shortenPath(cell, width) : shorten(cell, width), width);
    });
    const line = cells.join(gap).trimEnd();
    return columns === undefined ? line : shorten(line, columns);
  });
}

function widthsOf(rows: readonly Row[]): number[] {
  const count = Math.max(0, ...rows.map(({ length }) => length));
  return Array.from({ length: count }, (_, column) =>
    Math.max(
      0,
      ...rows
        .filter((row) => row.length === count || column < row.length - 1)
        .map((row) => widthOf(row[column] ?? "")),
    ),
  );
}

/** Takes from the widest columns what is too much. An address is of no use in part: it is spared while others can give. */
function fit(widths: number[], rows: readonly Row[], columns: number): void {
  const isAddress = widths.map((_, column) => rows.some((row) => /^\w+:\/\//.test(bare(row[column]))));
  const widest = (spared: readonly boolean[]) => {
    const most = Math.max(0, ...widths.filter((width, column) => !spared[column] && width > leastColumns));
    return widths.findIndex((width, column) => !spared[column] && width === most);
  };
  let over = widths.reduce((sum, width) => sum + width + gap.length, -gap.length) - columns;
  for (const spared of [isAddress, []]) {
    for (let at = widest(spared); over > 0 && at >= 0; at = widest(spared)) {
      widths[at] = (widths[at] ?? 0) - 1;
      over--;
    }
  }
}

function bare(cell = ""): string {
  return withoutEscapes(cell);
}
