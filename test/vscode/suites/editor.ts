import assert from "node:assert/strict";
import * as vscode from "vscode";
import { focusCommand } from "../../../extension/contributions/views.ts";
import { waitFor } from "../../support/wait.ts";
import { suite } from "../support/suite.ts";

/** What the extension relies on in the editor itself. */
export const run = suite({
  "the editor's runtime has the embedded store": async () => {
    const sqlite = await import("node:sqlite");
    assert.equal(typeof sqlite.DatabaseSync, "function");
  },
  "the interfaces for agents and terminals are there": () => {
    assert.equal(typeof vscode.lm.registerTool, "function");
    assert.equal(typeof vscode.lm.registerMcpServerDefinitionProvider, "function");
    assert.equal(typeof vscode.window.onDidStartTerminalShellExecution, "function");
  },
  "the extension isn't loaded with a window that has no project, but with its view": async () => {
    const own = vscode.extensions.getExtension("devlatch.devlatch");
    // One that is loaded with every window, once it stands.
    const other = vscode.extensions.getExtension("vscode.debug-auto-launch");
    await waitFor("the editor to have started", () => other?.isActive === true);
    assert.equal(own?.isActive, false);
    await vscode.commands.executeCommand(focusCommand("servers"));
    await waitFor("the extension to be active", () => own.isActive);
  },
});
