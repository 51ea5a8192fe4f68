import { hostname } from "node:os";
import { t } from "@vscode/l10n";
import { plainText } from "../base/plain-text.ts";
import { agentNamed } from "./agents.ts";
import type { HolderView } from "./holder.ts";
import type { SessionView, StartedBy } from "./session.ts";

/** Who had a server started, and who else uses it: `Claude Code · also VS Code`; empty where neither is known. */
export function whoWords({ hosting, startedBy, holders }: SessionView): string {
  const starter = hosting === "adopted" ? t("started by hand") : startedBy && starterWords(startedBy);
  const others = othersWords(holders, hosting === "adopted" ? undefined : startedBy);
  const use =
    others === undefined
      ? undefined
      : starter === undefined
        ? t("used by {0}", others)
        : t("also {0}", others);
  return [starter, use].filter((part) => part !== undefined).join(" · ");
}

/** Who had a server started, for the person who asks: `you, in a terminal`, `VS Code`, `Claude Code`. */
export function starterWords(by: StartedBy): string {
  return by.kind === "terminal" ? t("you, in a terminal") : nameOf(by);
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
  const groups = [...Map.groupBy(others, placed)].map(([words, same]) => several(words, same));
  return groups.length === 0 ? undefined : groups.join(", ");
}

/** With its machine where that is another. */
function placed(holder: HolderView): string {
  return withMachine(nameOf(holder), holder);
}

function withMachine(words: string, { machine }: HolderView): string {
  return machine === hostname() ? words : t("{0} on {1}", words, plainText(machine));
}

function nameOf({ kind, label }: StartedBy): string {
  if (kind === "window") return "VS Code";
  if (kind === "terminal") return t("a terminal");
  // `agent NAME`, `NAME (process 12)`, `NAME, devlatch dev (process 12)`
  const name = label.replace(/^agent /, "").replace(/(?:,| \(process| on ).*$/, "");
  return programWords(name);
}

/** A program as people know it, by the name of its process or the one it gives itself: `claude-code` is Claude Code. */
export function programWords(name: string): string {
  return agentNamed(name) ?? plainText(name);
}

/** @param same users of one kind, one name and one machine */
function several(words: string, same: readonly HolderView[]): string {
  const [first, ...more] = same;
  if (first === undefined || more.length === 0) return words;
  return first.kind === "terminal"
    ? withMachine(t("{0} terminals", same.length), first)
    : `${same.length} × ${words}`;
}
