import { findNodeAtLocation, type Node } from "jsonc-parser";
import { parseJsonText } from "../../detect/json-file.ts";
import { became, type Edit, type FilePart, left } from "./edit.ts";
import { splice } from "./json-put.ts";

/** What goes before a script's command, see docs/scripts.md. */
const through = "devlatch dev -- ";
const script = "dev";

/** One command without an operator, a variable or anything else that a shell would have to make something of. */
export const plainCommand = /^(?![^\s"]*=)[^;&|<>$`(){}*?~#!\\\r\n]+$/;

/** The script `dev` of a package, run through Devlatch. @param path its `package.json` */
export function scriptPart(path: string): FilePart {
  return { path, put: (text) => put(text, path), take: (text) => take(text, path) };
}

function put(text: string | undefined, path: string): Edit {
  if (text === undefined) return left("isn't there, so it has no script to change");
  const node = scriptOf(text, path);
  if (node === undefined) return left(`has no script "${script}" that can be read`);
  const command = String(node.value);
  if (command.startsWith("devlatch ")) return became(text);
  if (!plainCommand.test(command))
    return left(`has a script "${script}" of more than one plain command: ${JSON.stringify(command)}`);
  return became(splice(text, node.offset + 1, node.offset + 1, through));
}

function take(text: string, path: string): Edit {
  const node = scriptOf(text, path);
  const from = (node?.offset ?? 0) + 1;
  return became(text.startsWith(through, from) ? splice(text, from, from + through.length) : text);
}

function scriptOf(text: string, path: string): Node | undefined {
  const json = parseJsonText(path, text, { comments: false });
  const node = json.kind === "json" ? findNodeAtLocation(json.document.tree, ["scripts", script]) : undefined;
  return node?.type === "string" ? node : undefined;
}
