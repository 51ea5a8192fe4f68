import type { ViewNode } from "./view-node.ts";

/** Parts of a node that its row doesn't show, or that are rows of their own. */
const unseen: ReadonlySet<string> = new Set(["tooltip", "accessibleName", "resources", "children"]);

/** What a list of rows looks like. */
export interface Rendering {
  /** Which rows there are, and below which others. */
  readonly shape: string;
  /** The look of each row, by its id. */
  readonly rows: ReadonlyMap<string, string>;
}

export function renderingOf(nodes: readonly ViewNode[]): Rendering {
  const rows = new Map<string, string>();
  const shapeOf = (list: readonly ViewNode[]): unknown[] =>
    list.map((node) => {
      rows.set(
        node.id,
        JSON.stringify(node, (name, value) => (unseen.has(name) ? undefined : value)),
      );
      return node.children ? [node.id, shapeOf(node.children)] : node.id;
    });
  return { shape: JSON.stringify(shapeOf(nodes)), rows };
}

/** The ids of the rows that look different; `all` where rows came, went or moved. */
export function changedRows(before: Rendering, after: Rendering): "all" | readonly string[] {
  if (before.shape !== after.shape) return "all";
  return [...after.rows].filter(([id, look]) => before.rows.get(id) !== look).map(([id]) => id);
}

/** A row as a screen reader says it: its own sentence, else what is shown, without marks between the parts. */
export function spokenRow({
  label,
  description,
  accessibleName,
}: Pick<ViewNode, "label" | "description" | "accessibleName">): string {
  const shown = [label, description].filter((part) => part !== undefined && part !== "").join(", ");
  return accessibleName ?? shown.replaceAll(" · ", ", ").replaceAll(" → ", ", then ");
}
