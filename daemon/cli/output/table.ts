import { withoutEscapes } from "../../../shared/base/plain-text.ts";
import type { Paint } from "./style.ts";

/** Rows in aligned columns below their heads; two spaces between columns, none at the end of a line. */
export function table(heads: readonly string[], rows: readonly (readonly string[])[], paint: Paint): string {
  const widths = heads.map((head, column) =>
    Math.max(head.length, ...rows.map((row) => widthOf(row[column] ?? ""))),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => cell + " ".repeat(Math.max(0, (widths[column] ?? 0) - widthOf(cell))))
      .join("  ")
      .trimEnd();
  return [paint("dim", line(heads)), ...rows.map(line)].join("\n");
}

function widthOf(cell: string): number {
  return withoutEscapes(cell).length;
}
