import { type Paint, printable } from "../output/style.ts";
import { diffOf } from "./diff.ts";
import type { Change, Plan } from "./plan.ts";

/** What happens to a file, as programs read it. */
export function actionOf({ before, after }: Change): "create" | "change" | "remove" {
  if (before === undefined) return "create";
  return after === undefined ? "remove" : "change";
}

/** Every change as a diff, for people. */
export function diffsText(changes: readonly Change[], paint: Paint): string {
  return changes.map((change) => painted(diffOf(change), paint)).join("\n\n");
}

function painted(diff: string, paint: Paint): string {
  return diff
    .split("\n")
    .map((line) => {
      if (line.startsWith("---") || line.startsWith("+++")) return paint("bold", line);
      if (line.startsWith("@@")) return paint("dim", line);
      if (line.startsWith("+")) return paint("green", line);
      return line.startsWith("-") ? paint("red", line) : line;
    })
    .join("\n");
}

const past = { create: "Created", change: "Changed", remove: "Removed" } as const;

/** A line for each file that was written, or left as it is. */
export function writtenText(written: readonly Change[], { left }: Pick<Plan, "left">): string {
  const lines = [
    ...written.map((change) => `${past[actionOf(change)]} ${printable(change.path)}`),
    ...leftLines(left),
  ];
  return lines.join("\n");
}

/** A line for each file about which something is to be said. */
export function leftLines(left: Plan["left"]): readonly string[] {
  return left.map(({ path, why }) => printable(`Left as it is: ${path} ${why}`));
}
