import { findNodeAtLocation, type Node } from "jsonc-parser";
import { type JsonStyle, printJson, printMember } from "./json-print.ts";
import { readGap } from "./json-trivia.ts";

/** Something that goes into a JSON file: a member of an object, or one more element of a list. */
export interface JsonEntry {
  /** Keys of the objects on the way from the root; the last leads to the object or list it goes into. */
  readonly way: readonly string[];
  /** Its key in that object; undefined where it goes into a list. */
  readonly key?: string;
  readonly value: unknown;
}

/**
 * Puts an entry at the end of its object or list, and makes what is missing on the way. All that is there stays as it is,
 * byte for byte, and `takeOut` makes the very same text of the result again.
 * @param tree the root of the parsed text
 * @returns the new text; undefined where something on the way is neither missing nor what it should be
 */
export function putIn(text: string, tree: Node, entry: JsonEntry): string | undefined {
  const kinds = [...entry.way.map(() => "object"), entry.key === undefined ? "array" : "object"];
  const there = entry.way.map((_, index) => findNodeAtLocation(tree, entry.way.slice(0, index + 1)));
  const chain = [tree, ...there];
  const depth = chain.findLastIndex((node) => node !== undefined);
  const container = chain[depth];
  if (container === undefined || chain.some((node, index) => node && node.type !== kinds[index]))
    return undefined;
  const [key, ...missing] = [...entry.way.slice(depth), entry.key];
  const value = missing.reduceRight<unknown>(
    (inner, name) => (name === undefined ? [inner] : { [name]: inner }),
    entry.value,
  );
  return insert(text, tree, container, { key, value });
}

interface Member {
  readonly key: string | undefined;
  readonly value: unknown;
}

function insert(text: string, tree: Node, container: Node, member: Member): string {
  const last = container.children?.at(-1);
  const style = { eol: /\r\n|\n|\r/.exec(text)?.[0] ?? "\n", unit: unitOf(text, tree) };
  // Right behind the bracket: by that an empty object that was there is told from one that was made.
  if (last === undefined) {
    const at = container.offset + 1;
    return splice(text, at, at, print(member, { ...style, indent: undefined }));
  }
  const end = last.offset + last.length;
  const { comma, sameLine } = readGap(text, end, container.offset + container.length - 1);
  const blank = blankFor(text, container, style.eol, sameLine.isLineComment);
  const indent = /[\r\n]([ \t]*)$/.exec(blank)?.[1];
  const added = blank + print(member, { ...style, indent }) + (comma === undefined ? "" : ",");
  const longer = splice(text, sameLine.offset, sameLine.offset, added);
  return comma === undefined ? splice(longer, end, end, ",") : longer;
}

function print({ key, value }: Member, style: JsonStyle): string {
  return key === undefined ? printJson(value, style) : printMember(key, value, style);
}

/** White space as it stands before the last part of an object or list, without empty lines. */
function blankFor(text: string, container: Node, eol: string, needsLine: boolean): string {
  const [previous, last] = (container.children ?? []).slice(-2);
  const only = last === undefined;
  const next = last ?? previous;
  if (next === undefined) return "";
  const from = only || previous === undefined ? container.offset + 1 : previous.offset + previous.length;
  const blank = text.slice(readGap(text, from, next.offset).blankFrom, next.offset);
  const line = /[\r\n]([ \t]*)$/.exec(blank)?.[1];
  if (line !== undefined) return eol + line;
  if (needsLine) return eol + (/(?:^|[\r\n])([ \t]*)[^\r\n]*$/.exec(text.slice(0, next.offset))?.[1] ?? "");
  return only ? " " : blank;
}

/** One step of the file's indentation: two spaces, where nothing shows it. */
function unitOf(text: string, tree: Node): string {
  const first = tree.children?.[0];
  if (first === undefined) return "  ";
  return /[\r\n]([ \t]+)$/.exec(text.slice(0, first.offset))?.[1] ?? "  ";
}

/** A text with another part instead of what stands between two offsets. */
export function splice(text: string, from: number, to: number, part = ""): string {
  return text.slice(0, from) + part + text.slice(to);
}
