import { findNodeAtLocation, getNodeValue, type Node } from "jsonc-parser";
import { parseJsonText } from "../../detect/json-file.ts";
import { became, type Edit, type FilePart, left } from "./edit.ts";
import { printJson } from "./json-print.ts";
import { type JsonEntry, putIn } from "./json-put.ts";
import { takeOut } from "./json-take.ts";

/** An entry of ours in a JSON file of others. */
export interface JsonPart {
  readonly path: string;
  readonly maxBytes?: number;
  readonly entry: JsonEntry;
  /** What a file that is made for it needs besides. */
  readonly rest?: Readonly<Record<string, unknown>>;
  /** Whether a file is made where there is none. */
  readonly isMade?: boolean;
  /** The values there that are as init writes them, or did; `root` is the file's. */
  find(root: Node): readonly Node[];
}

/** An entry that goes into a file with whatever formatting and comments that has. */
export function jsonPart(part: JsonPart): FilePart {
  return {
    path: part.path,
    ...(part.maxBytes === undefined ? {} : { maxBytes: part.maxBytes }),
    put: (text) => (text === undefined ? create(part) : add(text, part)),
    take: (text) => remove(text, part),
  };
}

function create(part: JsonPart): Edit {
  return became(part.isMade === false ? undefined : newFile(part, part.entry.value));
}

/**
 * A file for the entry alone. It is there before the rest: by that a file that was made is told from one that had the rest
 * before.
 */
function newFile({ entry: { way, key }, rest = {} }: JsonPart, value: unknown): string {
  const names = key === undefined ? way : [...way, key];
  const leaf = key === undefined ? [value] : value;
  const made = names.reduceRight<unknown>((inner, name) => ({ [name]: inner }), leaf);
  const root = Object.assign({}, made, rest);
  return `${printJson(root, { eol: "\n", unit: "  ", indent: "" })}\n`;
}

function add(text: string, part: JsonPart): Edit {
  const root = rootOf(text, part.path);
  if ("kind" in root) return root;
  if (part.find(root.tree).length > 0) return became(text);
  const { way, key } = part.entry;
  if (key !== undefined && findNodeAtLocation(root.tree, [...way, key]))
    return left(`has ${[...way, key].join(".")} already, not as init writes it`);
  const added = putIn(text, root.tree, part.entry);
  return added === undefined ? left(`has ${way.join(".")} in a form that can't be added to`) : became(added);
}

function remove(text: string, part: JsonPart): Edit {
  const root = rootOf(text, part.path);
  if ("kind" in root) return root;
  const [value, ...more] = part.find(root.tree);
  if (value === undefined) return became(text);
  if (more.length === 0 && text.replaceAll("\r\n", "\n") === newFile(part, getNodeValue(value)))
    return became(undefined);
  const shorter = takeOut(text, value);
  return shorter === undefined || more.length === 0 ? became(shorter) : remove(shorter, part);
}

function rootOf(text: string, file: string): { readonly tree: Node } | Edit {
  const json = parseJsonText(file, text, { comments: true });
  if (json.kind === "missing") return left("isn't there");
  if (json.kind === "invalid") return left(`can't be read: ${json.problem.message}`);
  const { tree } = json.document;
  return tree.type === "object" ? { tree } : left("isn't a JSON object");
}
