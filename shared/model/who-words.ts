import { hostname } from "node:os";
import { plainText } from "../base/plain-text.ts";
import { agentNamed } from "./agents.ts";
import type { HolderView } from "./holder.ts";
import type { SessionView, StartedBy } from "./session.ts";

/** Who had a server started, and who else uses it: `Claude Code · also VS Code`; empty where neither is known. */
export function whoWords({ hosting, startedBy, holders }: SessionView): string {
  const starter = hosting === "adopted" ? "started by hand" : startedBy && starterWords(startedBy);
  const others = othersWords(holders, hosting === "adopted" ? undefined : startedBy);
  const use =
    others === undefined ? undefined : starter === undefined ? `used by ${others}` : `also ${others}`;
  return [starter, use].filter((part) => part !== undefined).join(" · ");
}

/** Who had a server started, for the person who asks: `you, in a terminal`, `VS Code`, `Claude Code`. */
export function starterWords(by: StartedBy): string {
  return by.kind === "terminal" ? "you, in a terminal" : nameOf(by);
}

/** Who uses a server beside the one who had it started; undefined where it is used by no other. */
export function othersWords(holders: readonly HolderView[], by: StartedBy | undefined): string | undefined {
  // An agent's processes have one label: it is one user with all of them.
  const isSame = (one: HolderView, other: StartedBy) => one.kind === other.kind && one.label === other.label;
  const agents = holders.filter(({ kind }) => kind === "agent");
  const again = (one: HolderView) => agents.find((other) => isSame(one, other)) ?? one;
  const users = holders.filter((one) => again(one) === one);
  const starter = users.findIndex((one) => by && isSame(one, by));
  const others = users.filter((_, index) => index !== starter);
  const groups = [...Map.groupBy(others, placed)].map(([words, { length }]) => several(words, length));
  return groups.length === 0 ? undefined : groups.join(", ");
}

/** With its machine where that is another. */
function placed(holder: HolderView): string {
  const where = holder.machine === hostname() ? "" : ` on ${plainText(holder.machine)}`;
  return nameOf(holder) + where;
}

function nameOf({ kind, label }: StartedBy): string {
  if (kind === "window") return "VS Code";
  if (kind === "terminal") return "a terminal";
  // `agent NAME`, `NAME (process 12)`, `NAME, devlatch dev (process 12)`
  const name = label.replace(/^agent /, "").replace(/(?:,| \(process| on ).*$/, "");
  return programWords(name);
}

/** A program as people know it, by the name of its process or the one it gives itself: `claude-code` is Claude Code. */
export function programWords(name: string): string {
  return agentNamed(name) ?? plainText(name);
}

function several(words: string, count: number): string {
  if (count === 1) return words;
  return words.startsWith("a terminal")
    ? words.replace("a terminal", `${count} terminals`)
    : `${count} × ${words}`;
}
