import { hostname } from "node:os";
import { plainText } from "../base/plain-text.ts";
import type { HolderView } from "./holder.ts";
import type { SessionView, StartedBy } from "./session.ts";

/** Programs by the name of their process, or the one they give themselves, that people know by another. */
const known: ReadonlyMap<string, string> = new Map(
  Object.entries({
    aider: "Aider",
    claude: "Claude Code",
    "claude-code": "Claude Code",
    codex: "Codex",
    "codex-mcp-client": "Codex",
    copilot: "Copilot",
    cursor: "Cursor",
    "cursor-agent": "Cursor",
    "cursor-vscode": "Cursor",
    gemini: "Gemini CLI",
    "gemini-cli-mcp-client": "Gemini CLI",
    opencode: "opencode",
  }),
);

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
  const starter = holders.findIndex((one) => by && one.kind === by.kind && one.label === by.label);
  const others = holders.filter((_, index) => index !== starter);
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
  return known.get(name.toLowerCase()) ?? plainText(name);
}

function several(words: string, count: number): string {
  if (count === 1) return words;
  return words.startsWith("a terminal")
    ? words.replace("a terminal", `${count} terminals`)
    : `${count} × ${words}`;
}
