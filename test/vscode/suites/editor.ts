import assert from "node:assert/strict";
import * as vscode from "vscode";
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
  "the extension under development is loaded": () => {
    assert.ok(vscode.extensions.getExtension("devlatch.devlatch"));
  },
});
