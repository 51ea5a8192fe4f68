/** One line of the table: what was measured, against what, and the goal of the design. */
export interface Row {
  readonly what: string;
  readonly against: string;
  /** The measured value, mostly a ratio. */
  readonly value: number;
  readonly unit: string;
  /** E.g. `≤ 1.1`; absent for what is only shown beside it. */
  readonly goal?: string;
  readonly reached?: boolean;
}

/** @param share in [0, 1] */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

export function atMost(what: string, against: string, value: number, limit: number, unit = "×"): Row {
  return { what, against, value, unit, goal: `≤ ${Number(limit.toPrecision(3))}`, reached: value <= limit };
}

export function atLeast(what: string, against: string, value: number, limit: number, unit = "×"): Row {
  return { what, against, value, unit, goal: `≥ ${Number(limit.toPrecision(3))}`, reached: value >= limit };
}

export function shown(what: string, against: string, value: number, unit = "×"): Row {
  return { what, against, value, unit };
}

export function tableOf(rows: readonly Row[]): string {
  const cells = rows.map(({ what, against, value, unit, goal = "", reached }) => [
    what,
    against,
    `${Number(value.toPrecision(3))} ${unit}`,
    goal,
    reached === undefined ? "" : reached ? "reached" : "missed",
  ]);
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  return cells
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
