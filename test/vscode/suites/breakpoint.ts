import assert from "node:assert/strict";
import * as vscode from "vscode";
import { commands } from "../../../extension/contributions/commands.ts";
import { waitFor } from "../../support/wait.ts";
import { workspaceFolder } from "./api.ts";

/**
 * Attaches the debugger to the app `web`, which is ready, and asks it for a page: it must stop where the text stands.
 * @param place a file of the workspace, and text in it that runs with every request
 * @returns what the server answered once it went on
 */
export async function stopsAt(place: { file: string; text: string }, url: string): Promise<string> {
  const file = vscode.Uri.joinPath(workspaceFolder(), place.file);
  const document = await vscode.workspace.openTextDocument(file);
  const position = document.positionAt(document.getText().indexOf(place.text));
  const breakpoint = new vscode.SourceBreakpoint(new vscode.Location(file, position));
  vscode.debug.addBreakpoints([breakpoint]);
  try {
    assert.equal(await vscode.commands.executeCommand(commands.attachDebugger.id, { app: "web" }), true);
    const answer = askUntilStopped(url);
    const frame = await waitFor("the debugger to stop", () => {
      const item = vscode.debug.activeStackItem;
      return item instanceof vscode.DebugStackFrame ? item : undefined;
    });
    const { stackFrames } = await frame.session.customRequest("stackTrace", { threadId: frame.threadId });
    assert.equal(stackFrames[0].line, position.line + 1);
    vscode.debug.removeBreakpoints([breakpoint]);
    await frame.session.customRequest("continue", { threadId: frame.threadId });
    return await answer;
  } finally {
    vscode.debug.removeBreakpoints([breakpoint]);
    await vscode.debug.stopDebugging();
  }
}

/** A request before the breakpoint is set in the process is answered as if there were none. */
async function askUntilStopped(url: string): Promise<string> {
  let answer = "";
  await waitFor("a request that is stopped", async () => {
    const began = fetch(url).then((response) => response.text());
    answer = await began;
    return wasStopped();
  });
  return answer;
}

let stops = 0;
vscode.debug.onDidChangeActiveStackItem((item) => {
  if (item instanceof vscode.DebugStackFrame) stops += 1;
});
const wasStopped = () => stops > 0;
