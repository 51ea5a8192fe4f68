import assert from "node:assert/strict";
import { test } from "node:test";
import {
  isTranslation,
  parsed,
  type Source,
  type SourceNode,
  textSources,
  translatedText,
} from "../../.ci/packages/texts.ts";
import { repository } from "../support/paths.ts";

/** Fields of what the editor shows, and of what our own dialogs, menus and rows are made of. */
const shownFields = new Set([
  ...["label", "description", "detail", "tooltip", "title", "placeHolder", "prompt", "message", "remedy"],
  ...["accessibleName", "question", "nothing", "reason", "words", "source", "text"],
]);

/** Calls that show what they are given: from which argument on. */
const showing: Readonly<Record<string, number>> = {
  say: 1,
  ask: 1,
  setText: 1,
  element: 1,
  tableOf: 0,
  button: 0,
  action: 1,
  setStatusBarMessage: 0,
  DevlatchError: 1,
};

/** What these hold isn't shown by the extension itself: the manifest's texts, and protocols' own. */
const elsewhere = /^extension\/(?:contributions|language)\//;

/** Names, and what stays as it is in any language. */
const names = new Set(["Devlatch", "Simple Browser"]);

test("every text that the extension shows goes through t, so that it can be translated", () => {
  const found = textSources(repository)
    .filter(({ file }) => file.startsWith("extension/") && !elsewhere.test(file))
    .flatMap(untranslated);
  assert.deepEqual(found, [], "give these to t of @vscode/l10n as whole sentences, with {0} for what varies");
});

test("what t is given is written there, and is asked for when it is shown", () => {
  const faults = textSources(repository).flatMap((source) => {
    const found: string[] = [];
    source.each((node, around) => {
      if (!isTranslation(node)) return;
      if (translatedText(node) === undefined) found.push(`${place(source, node)}: translators can't find it`);
      // A page has its texts before its script runs; the extension gets the editor's when it is activated.
      if (!source.file.startsWith("extension/webview/page/") && !around.some(isFunction))
        found.push(`${place(source, node)}: the language isn't known yet when a file is loaded`);
    });
    return found;
  });
  assert.deepEqual(faults, []);
});

test("the words of a text stand in for all that varies: as many values as it has places", () => {
  const faults = textSources(repository).flatMap((source) => {
    const found: string[] = [];
    source.each((node) => {
      if (!isTranslation(node)) return;
      const given = node["arguments"] as readonly SourceNode[];
      const places = new Set(translatedText(node)?.match(/\{\d+\}/g));
      const spread = given.some(({ type }) => type === "SpreadElement");
      if (!spread && places.size !== given.length - 1) found.push(place(source, node));
    });
    return found;
  });
  assert.deepEqual(faults, []);
});

test("the search for untranslated texts sees fields, calls and templates, and no names or ids", () => {
  const of = (text: string) => untranslated(parsed("extension/x.ts", text)).length;
  assert.equal(of('say("warning", "Nothing is wrong.");'), 1);
  assert.equal(of(`say('warning', \`Port \${1} is free.\`);`), 1);
  assert.equal(of('const item = { label: isOn ? "Turn off" : t("Turn on") };'), 1);
  assert.equal(of('throw new DevlatchError("NOT_RUNNING", "No server runs.", "");'), 1);
  assert.equal(of('button.setAttribute("aria-label", "How far back");'), 1);
  assert.equal(of('say("warning", t("Nothing is wrong."), error.message);'), 0);
  assert.equal(of(`const item = { label: "Devlatch", description: \`x · \${port}\`, id: "no.words" };`), 0);
  assert.equal(of('new DevlatchError("CANCELLED", "You gave it up.", "");'), 0);
});

/** What stays as it is: in another language it would mean another thing, or no person sees it. By file. */
const asWritten: Readonly<Record<string, RegExp>> = {
  // What the daemon knows the window by.
  "extension/commands/stop-notices.ts": /^window of |^no folder$/,
  "extension/connection/open-connection.ts": /^no folder$/,
  // Programs and pages.
  "extension/begin/begin-html.ts": /[{<]|acquireVsCodeApi/,
  "extension/webview/html.ts": /[<;]/,
  "extension/command-line/launcher.ts": /exec|@echo|set ELECTRON/,
  "extension/commands/config.ts": /"apps"/,
  // Patterns of what others write.
  "extension/debug/inspector-ports.ts": /^Debugger listening/,
  "extension/webview/phone/address.ts": /^› Metro/,
  // For those who read a bug report.
  "extension/commands/diagnostics.ts": /^extension ¤ in /,
  // Marks of a build, which `kindWords` names.
  "extension/webview/page/plot.ts": /^build error$/,
  "extension/webview/dashboard-data.ts": /^build error$/,
  // What took too long, in the words that `shared` goes on with.
  "extension/connection/reach.ts": /^Stopping the daemon$/,
  "extension/commands/targets.ts": /^Asking the daemon/,
  // Compared, not shown.
  "extension/state/log-lines.ts": /^(?:starting|disconnected:) /,
};

/** Texts with words that are shown as they are written. */
function untranslated(source: Source): readonly string[] {
  const found: string[] = [];
  source.each((node, around) => {
    if (!isProse(node) || around.some(isTranslation)) return;
    if (around.some(isUnshown) || isUnseen(node, around) || asWritten[source.file]?.test(textIn(node) ?? ""))
      return;
    if (!hasSeveralWords(node) && !isShown(node, around)) return;
    found.push(`${place(source, node)}: ${source.text.slice(node.start, node.end).slice(0, 60)}`);
  });
  return found;
}

/** A literal with a word that isn't a name, an id or a selector; ¤ stands for what is put into a template. */
function isProse(node: SourceNode): boolean {
  const text = textIn(node);
  if (text === undefined || names.has(text.trim())) return false;
  return hasSeveralWords(node) || /^[A-Z][a-z]+[.…]?$/.test(text.trim());
}

function hasSeveralWords(node: SourceNode): boolean {
  const text = (textIn(node) ?? "").replaceAll(/Devlatch|\b(?:ms|MB)\b/g, "");
  return /[A-Za-z]{2,}:? [A-Za-z¤]|¤ [A-Za-z]{2,}/.test(text) && !/^[.#]/.test(text);
}

/** A type, the name of a field, what something is compared with, and what isn't of this file. */
function isUnseen(node: SourceNode, around: readonly SourceNode[]): boolean {
  const [outer] = around.slice(-1);
  if (outer?.type === "Property" && outer["key"] === node) return true;
  if (outer?.type === "BinaryExpression" && outer["operator"] !== "+") return true;
  return around.some(
    ({ type }) => type.startsWith("TSTypeAnno") || type === "TSLiteralType" || type.startsWith("Import"),
  );
}

function textIn(node: SourceNode): string | undefined {
  if (node.type === "Literal") return typeof node["value"] === "string" ? node["value"] : undefined;
  if (node.type !== "TemplateLiteral") return undefined;
  const quasis = node["quasis"] as readonly { readonly value: { readonly cooked: string } }[];
  return quasis.map(({ value }) => value.cooked).join("¤");
}

/** Whether it gets to a field or an argument that is shown, by conditions, lists and templates alone. */
function isShown(node: SourceNode, around: readonly SourceNode[]): boolean {
  let inner = node;
  for (const outer of [...around].reverse()) {
    if (outer.type === "Property") return outer["value"] === inner && shownFields.has(nameOf(outer["key"]));
    if (outer.type === "CallExpression" || outer.type === "NewExpression") return isShowingCall(outer, inner);
    if (outer.type === "BinaryExpression" && outer["operator"] !== "+") return false;
    if (!passing.has(outer.type)) return false;
    inner = outer;
  }
  return false;
}

const passing = new Set([
  ...["ConditionalExpression", "LogicalExpression", "TemplateLiteral", "ArrayExpression", "SpreadElement"],
  ...["BinaryExpression", "TSAsExpression", "TSSatisfiesExpression"],
]);

function isShowingCall(call: SourceNode, argument: SourceNode): boolean {
  const given = call["arguments"] as readonly SourceNode[];
  const name = nameOf(call["callee"]);
  if (name === "setAttribute") return textIn(given[0] ?? call) === "aria-label";
  const from = showing[name];
  return from !== undefined && given.indexOf(argument) >= from;
}

/** An error that no person is told: a cancelled one, and one that is our own fault. */
function isUnshown({ type, ...node }: SourceNode): boolean {
  if (type !== "NewExpression") return false;
  const [code] = node["arguments"] as readonly SourceNode[];
  return code !== undefined && ["CANCELLED", "INTERNAL"].includes(String(code["value"]));
}

function nameOf(node: unknown): string {
  const { name, value, property } = node as Readonly<Record<string, unknown>>;
  return property === undefined ? String(name ?? value ?? "") : nameOf(property);
}

function isFunction({ type }: SourceNode): boolean {
  return (
    type === "FunctionDeclaration" || type === "FunctionExpression" || type === "ArrowFunctionExpression"
  );
}

function place({ file, text }: Source, { start }: SourceNode): string {
  return `${file}:${text.slice(0, start).split("\n").length}`;
}
