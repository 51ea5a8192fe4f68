import type { Node } from "jsonc-parser";
import { splice } from "./json-put.ts";
import { readGap } from "./json-trivia.ts";

/**
 * Takes a value out of a JSON text, with the objects and lists around it that were made for it alone: the undoing of
 * `putIn`. What others wrote stays as it is, byte for byte.
 * @param value the value of a member, or an element of a list
 * @returns the text without it; undefined where nothing is left, so that the file goes
 */
export function takeOut(text: string, value: Node): string | undefined {
  const part = value.parent?.type === "property" ? value.parent : value;
  const container = part.parent;
  if (container === undefined) return undefined;
  const siblings = container.children ?? [];
  if (siblings.length === 1) return takeOnly(text, container, part);
  const index = siblings.indexOf(part);
  const end = part.offset + part.length;
  const next = siblings[index + 1];
  const before = siblings[index - 1];
  const start = before === undefined ? container.offset + 1 : before.offset + before.length;
  const gap = readGap(text, start, part.offset);
  const behind = readGap(text, end, next?.offset ?? endOf(container));
  // Of the two commas the one behind goes where there is one: the list had it before.
  const [late, early] = behind.comma === undefined ? [undefined, gap.comma] : [behind.comma, undefined];
  const shorter = late === undefined ? text : splice(text, late, late + 1);
  const without = splice(shorter, gap.blankFrom, end);
  return early === undefined ? without : splice(without, early, early + 1);
}

/** The only part of an object or list. */
function takeOnly(text: string, container: Node, part: Node): string | undefined {
  const start = container.offset + 1;
  const end = part.offset + part.length;
  const before = text.slice(start, part.offset);
  const after = text.slice(end, endOf(container));
  const { comma } = readGap(text, end, endOf(container));
  // White space on both sides and nothing else: it was made for this part.
  if (before !== "" && before.trim() === "" && /^[\s,]*$/.test(after)) return takeOut(text, container);
  const shorter = comma === undefined ? text : splice(text, comma, comma + 1);
  return splice(shorter, readGap(text, start, part.offset).blankFrom, end);
}

/** Where the closing bracket stands. */
function endOf(container: Node): number {
  return container.offset + container.length - 1;
}
