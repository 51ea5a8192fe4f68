import assert from "node:assert/strict";
import * as vscode from "vscode";
import { suite } from "../support/suite.ts";

/** Proves that failures reach the runner, by name and with the place in the source. */
export const run = suite(
  {
    "a case that holds": () => assert.equal(vscode.workspace.workspaceFolders?.length, 1),
    "a case that doesn't": () => assert.equal(1 + 1, 3),
    "a case that hangs": () => new Promise<void>(() => {}),
  },
  1000,
);
