import * as vscode from "vscode";
import type { Scope } from "../../shared/base/disposable.ts";
import type { Home } from "../../shared/client/home.ts";
import { editorSettings } from "../contributions/editor-settings.ts";
import { LateReach } from "./late-reach.ts";
import type { WindowFacts } from "./reach.ts";
import { WindowConnection } from "./window-connection.ts";

/** Longest client name the daemon takes. */
const maxNameLength = 200;

/**
 * This window's one connection; trust that is granted later makes it a new one that may act.
 * @param scope ends it
 * @param program path of `daemon.js`, and the build of this extension
 */
export function openConnection(
  scope: Scope,
  home: Home,
  program: { script: string; build: string },
): WindowConnection {
  const connection = scope.add(new WindowConnection(new LateReach({ home, ...program, facts: windowFacts })));
  scope.add(vscode.workspace.onDidGrantWorkspaceTrust(() => connection.reconnect()));
  return connection;
}

/** How agents of a window reach the daemon. */
export type AgentReach = Pick<LateReach, "open">;

/** For an agent of this window, which is another user than the person in front of it. @param agent its name */
export function agentReach(
  home: Home,
  program: { script: string; build: string },
  agent: string,
): AgentReach {
  return new LateReach({ home, ...program, facts: windowFacts, agent });
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
