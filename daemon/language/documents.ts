import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import type { Range, TextDocumentsConfiguration } from "vscode-languageserver/node";
import { configFileName } from "../../shared/model/config-file-name.ts";
import { placeAt } from "../detect/problem.ts";

/** A file as the editor has it now, saved or not. */
export interface OpenDocument {
  readonly uri: string;
  readonly version: number;
  readonly text: string;
  /** Absolute path. */
  readonly file: string;
  /** Which of our files it is; `other` for one that we have nothing to say about. */
  readonly kind: "config" | "package" | "other";
}

/** Makes and replaces documents. They are small, so every change brings the whole text. */
export const documentsConfiguration: TextDocumentsConfiguration<OpenDocument> = {
  create: (uri, _languageId, version, text) => openDocument(uri, text, version),
  update: (document, changes, version) => ({
    ...document,
    version,
    text: changes.at(-1)?.text ?? document.text,
  }),
};

/** @param uri a file's address; one that isn't of a file makes a document of the kind `other` */
export function openDocument(uri: string, text: string, version = 1): OpenDocument {
  const file = pathOf(uri);
  return { uri, version, text, file: file ?? "", kind: file === undefined ? "other" : kindOf(file) };
}

/** The range of so many characters from an offset. */
export function rangeAt({ text }: Pick<OpenDocument, "text">, offset: number, length: number): Range {
  return { start: positionAt(text, offset), end: positionAt(text, offset + length) };
}

function positionAt(text: string, offset: number): Range["start"] {
  const { line, column } = placeAt("", text, offset);
  return { line: line - 1, character: column - 1 };
}

function pathOf(uri: string): string | undefined {
  try {
    return fileURLToPath(uri);
  } catch {
    return undefined;
  }
}

function kindOf(file: string): OpenDocument["kind"] {
  if (/[\\/]node_modules[\\/]/.test(file)) return "other";
  const name = basename(file);
  if (name === configFileName) return "config";
  return name === "package.json" ? "package" : "other";
}
