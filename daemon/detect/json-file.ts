import { getNodeValue, type Node, type ParseError, parseTree, printParseErrorCode } from "jsonc-parser";
import type { DevlatchError } from "../../shared/base/errors.ts";
import { deepest, tooDeepAt } from "./json-depth.ts";
import { invalidAt, invalidFile, placeAt } from "./problem.ts";
import { readTextFile } from "./text-file.ts";

/** A JSON file of the workspace: its value and where each part stands. */
export interface JsonDocument {
  readonly file: string;
  readonly text: string;
  readonly tree: Node;
  readonly value: unknown;
}

export type JsonFile =
  | { readonly kind: "json"; readonly document: JsonDocument }
  | { readonly kind: "missing" }
  /** `text` where the file could be read at all. */
  | { readonly kind: "invalid"; readonly problem: DevlatchError; readonly text?: string };

/** Reads JSON, with comments and trailing commas where `comments` is set. Never rejects. */
export async function readJsonFile(file: string, options: { comments: boolean }): Promise<JsonFile> {
  const content = await readTextFile(file);
  if (content.kind === "missing") return content;
  if (content.kind === "unreadable") return { kind: "invalid", problem: content.problem };
  return parseJsonText(file, content.text, options);
}

/** As {@link readJsonFile}, of a text that was read. @param file its path, for errors */
export function parseJsonText(file: string, text: string, options: { comments: boolean }): JsonFile {
  const deep = tooDeepAt(text);
  if (deep !== undefined) {
    const what = `is nested deeper than ${deepest} levels`;
    return { kind: "invalid", problem: invalidAt(placeAt(file, text, deep), what, "Make it flatter."), text };
  }
  const errors: ParseError[] = [];
  const tree = parseTree(text, errors, {
    disallowComments: !options.comments,
    allowTrailingComma: options.comments,
  });
  if (text.trim() === "") {
    const problem = invalidFile(file, "is empty", "Write {} into it, or delete it.");
    return { kind: "invalid", problem, text };
  }
  const first = errors[0];
  if (first !== undefined || tree === undefined) {
    const what = first === undefined ? "no value" : inWords(printParseErrorCode(first.error));
    const problem = invalidAt(placeAt(file, text, first?.offset ?? 0), what, "Correct the file there.");
    return { kind: "invalid", problem, text };
  }
  const twice = repeatedKey(tree);
  if (twice !== undefined) {
    const what = `the key "${String(twice.value)}" is given twice`;
    const problem = invalidAt(placeAt(file, text, twice.offset), what, "Remove one of the two.");
    return { kind: "invalid", problem, text };
  }
  return { kind: "json", document: { file, text, tree, value: getNodeValue(tree) } };
}

/**
 * What can be made out of a text that is being typed: comments, trailing commas, gaps and open brackets are passed
 * over. Undefined where there is nothing at all, or nested deeper than it is read.
 */
export function parseLoosely(file: string, text: string): JsonDocument | undefined {
  const tree = tooDeepAt(text) === undefined ? parseTree(text, [], { allowTrailingComma: true }) : undefined;
  return tree === undefined ? undefined : { file, text, tree, value: getNodeValue(tree) };
}

/** `CommaExpected` → `comma expected` */
function inWords(code: string): string {
  return code.replace(/(?<=[a-z])(?=[A-Z])/g, " ").toLowerCase();
}

/** The second of two equal keys of one object. A parser keeps the last one silently: the other setting is lost. */
function repeatedKey(node: Node): Node | undefined {
  const seen = new Set<unknown>();
  for (const child of node.children ?? []) {
    const key = node.type === "object" ? child.children?.[0] : undefined;
    if (key !== undefined && seen.has(key.value)) return key;
    if (key !== undefined) seen.add(key.value);
    const deeper = repeatedKey(child);
    if (deeper !== undefined) return deeper;
  }
  return undefined;
}
