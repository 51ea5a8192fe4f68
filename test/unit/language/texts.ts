import { pathToFileURL } from "node:url";
import type { Diagnostic, Range } from "vscode-languageserver/node";
import { type OpenDocument, openDocument } from "../../../daemon/language/documents.ts";
import type { SessionRecord, SessionState } from "../../../shared/model/session.ts";

/** A file as an editor has it open; it needn't be on the disk. */
export function open(file: string, content: unknown): OpenDocument {
  const text = typeof content === "string" ? content : JSON.stringify(content, null, 2);
  return openDocument(pathToFileURL(file).href, text);
}

/** The text a range covers: what the user sees underlined. */
export function textIn({ text }: OpenDocument, { start, end }: Range): string {
  const lines = text.split(/\r\n|\r|\n/);
  if (start.line === end.line) return (lines[start.line] ?? "").slice(start.character, end.character);
  const between = lines.slice(start.line + 1, end.line);
  return [
    lines[start.line]?.slice(start.character),
    ...between,
    lines[end.line]?.slice(0, end.character),
  ].join("\n");
}

/** Each diagnostic as the underlined text and what is said about it. */
export function said(document: OpenDocument, diagnostics: readonly Diagnostic[]): [string, string][] {
  return diagnostics.map(({ range, message }) => [textIn(document, range), String(message)]);
}

export const ready: SessionState = {
  kind: "ready",
  since: 1,
  pid: 1,
  startTime: "boot:1",
  port: 3000,
  url: "http://localhost:3000",
};

/** A session's record: what was started, where, and how it stands. */
export function record(
  app: string,
  settings: { command: string[]; cwd: string },
  state: SessionState = ready,
): SessionRecord {
  return {
    session: `dev_server_${app}`,
    app,
    sandboxId: "sb_1",
    root: settings.cwd,
    fence: 1,
    settings: { env: {}, port: 3000, ...settings },
    stop: { signal: "SIGTERM", timeoutMs: 2000 },
    restart: "never",
    restarts: 0,
    state,
    startedAt: 1,
  };
}
