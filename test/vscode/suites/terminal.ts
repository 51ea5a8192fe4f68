import assert from "node:assert/strict";
import * as vscode from "vscode";
import { commands } from "../../../extension/contributions/commands.ts";

/** The session's terminal as the editor has it: what is written to it, and a keyboard. */
export interface OpenTerminal {
  /** Waits until this text was written. */
  shows(text: string, signal: AbortSignal): Promise<void>;
  type(text: string): void;
  /** Counts only what is written from now on. */
  forget(): void;
}

let known: OpenTerminal | undefined;

/** Opens it through the command; once opened it is the same one. */
export async function openTerminal(): Promise<OpenTerminal> {
  await vscode.commands.executeCommand(commands.openTerminal.id);
  known ??= watch(findTerminal());
  return known;
}

function findTerminal(): vscode.Terminal {
  const terminal = vscode.window.terminals.find(({ name }) => name.startsWith("web"));
  assert.ok(terminal, "no terminal of the session is open");
  return terminal;
}

function watch(terminal: vscode.Terminal): OpenTerminal {
  const { pty } = terminal.creationOptions as vscode.ExtensionTerminalOptions;
  let written = "";
  const arrived = new vscode.EventEmitter<void>();
  pty.onDidWrite((text) => {
    written += text;
    arrived.fire();
  });
  return {
    type: (text) => terminal.sendText(text, false),
    forget: () => {
      written = "";
    },
    shows: (text, signal) =>
      new Promise((resolve, reject) => {
        const check = () => {
          if (!written.includes(text)) return;
          subscription.dispose();
          resolve();
        };
        const subscription = arrived.event(check);
        signal.addEventListener("abort", () => reject(new Error(`The terminal shows: ${written}`)));
        check();
      }),
  };
}
