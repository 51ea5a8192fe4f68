import { stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { findNodeAtLocation, getNodeValue, type Node } from "jsonc-parser";
import { type Diagnostic, DiagnosticSeverity } from "vscode-languageserver/node";
import { findConfigIssues } from "../detect/config-file.ts";
import { parseLoosely } from "../detect/json-file.ts";
import { type OpenDocument, rangeAt } from "./documents.ts";

/** Shown beside a diagnostic, as the one who says it. */
const source = "Devlatch";

/**
 * What is wrong with the text of a `devlatch.json`: what makes Devlatch refuse it, directories that aren't there, and
 * apps that can't run at the same time. Broken JSON and keys given twice are left to the editor, which marks them in every
 * JSON file: each mistake is told once. What can be made out is looked at all the same, so that marks don't come and go while
 * a user types.
 */
export async function diagnose(document: OpenDocument): Promise<readonly Diagnostic[]> {
  if (document.kind !== "config") return [];
  const json = parseLoosely(document.file, document.text);
  if (json === undefined) return [];
  return [
    ...(await findConfigIssues(json)).map(({ what, remedy, offset, length }) =>
      mark(document, { offset, length }, `${what}. ${remedy}`),
    ),
    ...sharedPorts(document, json.tree),
    ...(await missingDirectories(document, json.tree)),
  ];
}

interface Span {
  readonly offset: number;
  readonly length: number;
}

function mark(
  document: OpenDocument,
  { offset, length }: Span,
  message: string,
  severity: DiagnosticSeverity = DiagnosticSeverity.Error,
): Diagnostic {
  return { range: rangeAt(document, offset, length), severity, source, message: capitalised(message) };
}

interface AppNode {
  readonly app: string;
  readonly value: Node;
}

function appsIn(tree: Node): readonly AppNode[] {
  return (findNodeAtLocation(tree, ["apps"])?.children ?? []).flatMap(({ children: [name, value] = [] }) =>
    name === undefined || value === undefined ? [] : [{ app: String(name.value), value }],
  );
}

/** The one that starts second would find the port taken. Each of them is marked: one may not be in sight. */
function sharedPorts(document: OpenDocument, tree: Node): readonly Diagnostic[] {
  const wishes = appsIn(tree).flatMap(({ app, value }) => {
    const node = findNodeAtLocation(value, ["port"]);
    return typeof node?.value === "number" ? [{ app, node, port: node.value }] : [];
  });
  return wishes.flatMap(({ app, node, port }) => {
    const others = wishes.filter((one) => one.port === port && one.app !== app);
    if (others.length === 0) return [];
    const names = others.map((one) => one.app).join(" and ");
    const said = `apps.${app} has the same port as ${names}, so they can't run at the same time. Give each a port of its own.`;
    const marked = mark(document, node, said, DiagnosticSeverity.Warning);
    const relatedInformation = others.map((one) => ({
      location: { uri: document.uri, range: rangeAt(document, one.node.offset, one.node.length) },
      message: `${one.app} has ${port} here`,
    }));
    return [{ ...marked, relatedInformation }];
  });
}

async function missingDirectories(document: OpenDocument, tree: Node): Promise<readonly Diagnostic[]> {
  const found = await Promise.all(
    appsIn(tree).map(async ({ app, value }) => {
      const node = findNodeAtLocation(value, ["cwd"]);
      const cwd: unknown = node && getNodeValue(node);
      if (node === undefined || typeof cwd !== "string" || cwd === "") return undefined;
      const problem = await directoryProblem(resolve(dirname(document.file), cwd));
      return problem === undefined ? undefined : mark(document, node, `apps.${app}.cwd: ${problem}`);
    }),
  );
  return found.filter((one) => one !== undefined);
}

async function directoryProblem(path: string): Promise<string | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return `the directory ${path} doesn't exist. It is relative to this file.`;
  return found.isDirectory() ? undefined : `${path} isn't a directory. It is relative to this file.`;
}

function capitalised(message: string): string {
  // Names of places in the file (`apps.web.port`) stay as they are written there.
  return /^(?:apps|sandbox|sandboxes)\b/.test(message)
    ? message
    : message.charAt(0).toUpperCase() + message.slice(1);
}
