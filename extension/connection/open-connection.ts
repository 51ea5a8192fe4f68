import * as vscode from "vscode";
import type { Home } from "../../shared/client/home.ts";
import { editorSettings } from "../contributions/editor-settings.ts";
import { DaemonConnection } from "./daemon-connection.ts";
import { Reach, type WindowFacts } from "./reach.ts";

/** Longest client name the daemon takes. */
const maxNameLength = 200;

/**
 * This window's connection; trust that is granted later makes it a new one that may act.
 * @param program path of `daemon.js`, and the build of this extension
 */
export function openConnection(home: Home, program: { script: string; build: string }): DaemonConnection {
  const connection = new DaemonConnection(new Reach({ home, ...program, facts: windowFacts }));
  const granted = vscode.workspace.onDidGrantWorkspaceTrust(() => connection.reconnect());
  connection.own(granted);
  return connection;
}

function windowFacts(): WindowFacts {
  const { redisUrl } = editorSettings();
  return {
    name: (vscode.workspace.name ?? "no folder").slice(0, maxNameLength),
    trusted: vscode.workspace.isTrusted,
    // Without the setting a daemon that this window starts takes the editor's own environment.
    redisUrl: redisUrl || process.env["DEVLATCH_REDIS_URL"] || undefined,
  };
}
