import { printable } from "../output/style.ts";
import type { Served } from "./served.ts";

/** The one line of a command that joined a server; undefined for the one that started it. */
export function joinedText({ app, outcome, url, launch, isByHand }: Served): string | undefined {
  if (outcome === "started") return undefined;
  const where = url === null ? "which is starting" : `which runs at ${printable(url)}`;
  if (launch !== undefined)
    return `devlatch: joined ${app}, ${where}. Ctrl-C leaves it, and stops it where no one else uses it.`;
  const why = isByHand ? "it was started by hand" : "it was started elsewhere";
  return `devlatch: joined ${app}, ${where}; ${why}, so its output is there. Ctrl-C leaves it.`;
}
