import assert from "node:assert/strict";
import * as vscode from "vscode";
import { commands } from "../../../extension/contributions/commands.ts";
import type { DevlatchApi } from "../../../extension/extension.ts";
import { freePort } from "../../support/ports.ts";
import type { Cases } from "../support/suite.ts";
import { configureWeb, devlatch, untilWeb, webOf, workspaceFolder } from "./api.ts";

const manifest = () => vscode.Uri.joinPath(workspaceFolder(), "package.json");
const config = () => vscode.Uri.joinPath(workspaceFolder(), "devlatch.json");
const wrong = '{"apps": {"web": {"command": "npm run dev && echo"}}}';

/** What the editor shows in our files, from the daemon's language server. */
export const lensesAndMarks: Cases = {
  "a dev server's script has a lens that starts it from the folder": async (signal) => {
    await devlatch();
    await vscode.window.showTextDocument(manifest());
    const lens = await untilLens(manifest(), "$(play) Start web", signal);
    assert.equal(lens.command?.command, commands.start.id);
    assert.deepEqual(lens.command?.arguments, [{ app: "web", cwd: workspaceFolder().fsPath }]);
  },

  "what is typed into devlatch.json is marked exactly, and the mark goes with the mistake": async (
    signal,
  ) => {
    await vscode.workspace.fs.writeFile(config(), Buffer.from("{}"));
    const document = await vscode.workspace.openTextDocument(config());
    await vscode.window.showTextDocument(document);
    await typeAll(document, wrong);
    const [only, ...others] = await untilMarks(config(), (marks) => marks.length > 0, signal);
    assert.deepEqual(others, []);
    assert.equal(only && document.getText(only.range), "&&");
    assert.match(only?.message ?? "", /needs a shell for &&/);
    assert.equal(document.isDirty, true);
    await typeAll(document, "{}");
    await untilMarks(config(), (marks) => marks.length === 0, signal);
    await vscode.commands.executeCommand("workbench.action.files.revert");
  },

  "the lens runs: it starts the server, says so with its port, and stops it": async (signal) => {
    const api = await devlatch();
    const port = await freePort();
    await configureWeb(api, { command: "npm run dev", port }, signal);
    const start = await untilLens(manifest(), "$(play) Start web", signal);
    await runLens(start);
    await untilWeb(api, "ready", signal);
    const stop = await untilLens(manifest(), `$(debug-stop) Stop web  :${port}`, signal);
    await untilLens(config(), `$(debug-stop) Stop web  :${port}`, signal);
    await runLens(stop);
    await untilWeb(api, "stopped", signal);
    await untilLens(manifest(), "$(play) Start web", signal);
    assert.equal(webOf(api.state.current)?.state.kind, "stopped");
  },

  "reconnecting again and again leaves one working language client": async (signal) => {
    const api = await devlatch();
    for (let round = 0; round < 7; round++) {
      await vscode.commands.executeCommand(commands.reconnect.id);
      await api.state.until(({ link }) => link.kind === "connected", signal);
    }
    await untilLens(manifest(), "$(play) Start web", signal);
    const lenses = await lensesOf(manifest());
    assert.deepEqual(
      lenses.map(({ command }) => command?.title),
      ["$(play) Start web"],
    );
  },

  "a killed daemon takes the marks along, and the next one brings them back": async (signal) => {
    const api = await devlatch();
    const document = await vscode.workspace.openTextDocument(config());
    await vscode.window.showTextDocument(document);
    await typeAll(document, wrong);
    await untilMarks(config(), (marks) => marks.length === 1, signal);
    await killDaemon(api, signal);
    await untilMarks(config(), (marks) => marks.length === 1, signal);
    await vscode.commands.executeCommand("workbench.action.files.revert");
  },

  "while the daemon is stopped there are neither lenses nor marks": async (signal) => {
    const api = await devlatch();
    const document = await vscode.workspace.openTextDocument(config());
    await vscode.window.showTextDocument(document);
    await typeAll(document, wrong);
    await untilMarks(config(), (marks) => marks.length === 1, signal);
    await api.connection.request("daemon/stop", {});
    await api.state.until(({ link }) => link.kind === "disconnected", signal);
    await untilMarks(config(), (marks) => marks.length === 0, signal);
    assert.deepEqual(await lensesOf(manifest()), []);
    await vscode.commands.executeCommand(commands.reconnect.id);
    await untilMarks(config(), (marks) => marks.length === 1, signal);
    await untilLens(manifest(), "$(play) Start web", signal);
    await vscode.commands.executeCommand("workbench.action.files.revert");
  },
};

async function killDaemon(api: DevlatchApi, signal: AbortSignal): Promise<void> {
  const { daemon } = await api.connection.request("daemon/status", {});
  process.kill(daemon.pid, "SIGKILL");
  await api.state.until(({ link }) => link.kind !== "connected", signal);
  await api.state.until(({ link }) => link.kind === "connected", signal);
}

/** The lenses of ours, as the editor would show them. */
async function lensesOf(uri: vscode.Uri): Promise<vscode.CodeLens[]> {
  const all = await vscode.commands.executeCommand<vscode.CodeLens[]>(
    "vscode.executeCodeLensProvider",
    uri,
    100,
  );
  // npm's own extension has lenses in package.json, too.
  return all.filter(({ command }) => command === undefined || command.command.startsWith("devlatch."));
}

async function untilLens(uri: vscode.Uri, title: string, signal: AbortSignal): Promise<vscode.CodeLens> {
  for (;;) {
    const lenses = await lensesOf(uri);
    const found = lenses.find(({ command }) => command?.title === title);
    if (found) return found;
    const seen = lenses.map(({ command }) => command?.title).join(", ");
    if (signal.aborted) throw new Error(`Waited in vain for ${title}; there is: ${seen}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function runLens({ command }: vscode.CodeLens): Promise<void> {
  assert.ok(command);
  await vscode.commands.executeCommand(command.command, ...(command.arguments ?? []));
}

/** Waits until our diagnostics of a file are as wanted. */
function untilMarks(
  uri: vscode.Uri,
  wanted: (marks: readonly vscode.Diagnostic[]) => boolean,
  signal: AbortSignal,
): Promise<readonly vscode.Diagnostic[]> {
  return new Promise((resolve, reject) => {
    const check = () => {
      const marks = vscode.languages.getDiagnostics(uri).filter(({ source }) => source === "Devlatch");
      if (!wanted(marks)) return;
      subscription.dispose();
      resolve(marks);
    };
    const subscription = vscode.languages.onDidChangeDiagnostics(check);
    signal.addEventListener("abort", () => {
      subscription.dispose();
      const marks = vscode.languages.getDiagnostics(uri);
      reject(new Error(`The marks are: ${marks.map(({ message }) => message).join(" | ")}`));
    });
    check();
  });
}

/** Replaces the whole text, unsaved. */
async function typeAll(document: vscode.TextDocument, text: string): Promise<void> {
  const edit = new vscode.WorkspaceEdit();
  const all = new vscode.Range(document.positionAt(0), document.positionAt(document.getText().length));
  edit.replace(document.uri, all, text);
  assert.equal(await vscode.workspace.applyEdit(edit), true);
}
