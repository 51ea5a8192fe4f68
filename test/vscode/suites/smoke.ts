import assert from "node:assert/strict";
import * as vscode from "vscode";
import { suite } from "../support/suite.ts";

/** Proves the machinery itself; the extension is the trivial one that smoke.test.ts writes. */
export const run = suite({
  "the extension under development is there and answers its command": async () => {
    assert.equal(await vscode.commands.executeCommand("smoke.answer"), 42);
  },
  "the folder of the window is open": () => {
    assert.equal(vscode.workspace.workspaceFolders?.length, 1);
  },
  "the extension host inherits DEVLATCH_HOME": () => {
    assert.match(process.env["DEVLATCH_HOME"] ?? "", /\/dl-/);
  },
  "the folder is trusted": () => {
    assert.equal(vscode.workspace.isTrusted, true);
  },
});
