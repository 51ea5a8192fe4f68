import assert from "node:assert/strict";
import * as vscode from "vscode";
import { commands } from "../../../extension/contributions/commands.ts";
import type { StartResult } from "../../../shared/protocol/methods.ts";
import { waitFor } from "../../support/wait.ts";
import type { Case } from "../support/suite.ts";
import { devlatch, workspaceFolder } from "./api.ts";

/** Where the debugger is to stop. */
interface Place {
  readonly app: string;
  /** A file of the workspace, and text in it that runs with every request. */
  readonly file: string;
  readonly text: string;
}

/** Starts an app, has the debugger stop in its code, and stops it. @param answer what is in the page once it went on */
export function stopsIn(place: Place, path: string, answer: string): Case {
  const { app } = place;
  return async () => {
    await devlatch();
    const started = (await vscode.commands.executeCommand(commands.start.id, { app })) as StartResult;
    const page = new URL(path, started.url ?? "").href;
    assert.ok((await stopsAt(place, page)).includes(answer), answer);
    const without = await (await fetch(page)).text();
    assert.ok(without.includes(answer), "it goes on without the debugger");
    await vscode.commands.executeCommand(commands.stop.id, { app });
  };
}

/**
 * Attaches the debugger to an app that is ready, and asks it for a page: it must stop where the text stands.
 * @returns what the server answered once it went on
 */
async function stopsAt({ app, file, text }: Place, url: string): Promise<string> {
  const document = await vscode.workspace.openTextDocument(vscode.Uri.joinPath(workspaceFolder(), file));
  const position = document.positionAt(document.getText().indexOf(text));
  const breakpoint = new vscode.SourceBreakpoint(new vscode.Location(document.uri, position));
  vscode.debug.addBreakpoints([breakpoint]);
  const earlier = vscode.debug.activeStackItem;
  try {
    assert.equal(await vscode.commands.executeCommand(commands.attachDebugger.id, { app }), true);
    const answer = askUntilStopped(url);
    const frame = await waitFor("the debugger to stop", () => {
      const item = vscode.debug.activeStackItem;
      return item instanceof vscode.DebugStackFrame && item !== earlier ? item : undefined;
    });
    const { stackFrames } = await frame.session.customRequest("stackTrace", { threadId: frame.threadId });
    const [{ source, line }] = stackFrames;
    // In a window that is away from its files the path has the server's name before it.
    assert.ok(String(source.path).endsWith(document.uri.path), source.path);
    assert.equal(line, position.line + 1);
    vscode.debug.removeBreakpoints([breakpoint]);
    await frame.session.customRequest("continue", { threadId: frame.threadId });
    return await answer;
  } finally {
    vscode.debug.removeBreakpoints([breakpoint]);
    // As a person leaves what was attached to. The editor's interface for extensions would end the server with it.
    await vscode.commands.executeCommand("workbench.action.debug.disconnect");
    await debuggerIsAway();
  }
}

/** Waits until no debugger is attached: which session is active says nothing of those that are. */
async function debuggerIsAway(): Promise<void> {
  await waitFor("the debugger to be away", () => attached.size === 0);
}

/** A request before the breakpoint is set in the process is answered as if there were none. */
async function askUntilStopped(url: string): Promise<string> {
  const before = stops;
  return waitFor("a request that is stopped", async () => {
    const answer = await fetch(url).then((response) => response.text());
    return stops > before ? answer : undefined;
  });
}

const attached = new Set<string>();
vscode.debug.onDidStartDebugSession(({ id }) => attached.add(id));
vscode.debug.onDidTerminateDebugSession(({ id }) => attached.delete(id));

let stops = 0;
vscode.debug.onDidChangeActiveStackItem((item) => {
  if (item instanceof vscode.DebugStackFrame) stops += 1;
});
