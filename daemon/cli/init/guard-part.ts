import { findNodeAtLocation, type Node } from "jsonc-parser";
import type { FilePart } from "./edit.ts";
import { type JsonPart, jsonPart } from "./json-part.ts";
import { isGuardCommand } from "./program.ts";

/** How a client's file of hooks differs from others. */
export interface GuardFile {
  readonly path: string;
  /** The event that comes before a command of the agent's runs. */
  readonly event: string;
  /** The element of that event's list. */
  readonly hook: Readonly<Record<string, unknown>>;
  readonly rest?: JsonPart["rest"];
}

/** The guard among a client's hooks. */
export function guardPart({ path, event, hook, rest = {} }: GuardFile): FilePart {
  return jsonPart({
    ...{ path, rest },
    entry: { way: ["hooks", event], value: hook },
    find: (root) => {
      const list = findNodeAtLocation(root, ["hooks", event]);
      return list?.type === "array" ? (list.children ?? []).flatMap(guardsOf) : [];
    },
  });
}

/**
 * The guard in one element of the list: the element, which is the hook, or a group of hooks; of a group with others of the
 * user's the hook alone.
 */
function guardsOf(element: Node): readonly Node[] {
  if (isGuard(element)) return [element];
  const hooks = findNodeAtLocation(element, ["hooks"]);
  const inner = hooks?.type === "array" ? (hooks.children ?? []) : [];
  const ours = inner.filter(isGuard);
  return ours.length > 0 && ours.length === inner.length ? [element] : ours;
}

function isGuard(hook: Node): boolean {
  return hook.type === "object" && isGuardCommand(findNodeAtLocation(hook, ["command"])?.value);
}

/** A hook as Claude Code, VS Code and Codex have them. @param matcher the tools it is asked about; all, unless told */
export function commandHook(command: string, more: Readonly<Record<string, string>> = {}) {
  return { type: "command", command, ...more };
}
