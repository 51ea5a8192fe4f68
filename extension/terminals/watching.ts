import type * as vscode from "vscode";
import { type Disposable, Scope } from "../../shared/base/disposable.ts";
import type { LiveClient } from "../../shared/client/live-client.ts";
import type { StateRepository } from "../state/repository.ts";
import { watchForServersByHand } from "./by-hand.ts";
import { reopenTerminals } from "./reopened.ts";
import type { Terminals } from "./terminals.ts";
import { TerminalsByHand } from "./terminals-by-hand.ts";

/** What terminals are watched with. */
export interface Watching {
  readonly connection: LiveClient;
  readonly state: StateRepository;
  readonly terminals: Terminals;
  /** Whether the Servers view is in sight. */
  readonly isServersVisible: () => boolean;
  /** Of this workspace. */
  readonly memory: vscode.Memento;
}

/** Watches the window's terminals: for servers that are started by hand there, and to bring ours back after a reload. */
export function watchTerminals(watching: Watching): Disposable {
  const { connection, state, terminals, isServersVisible, memory } = watching;
  const scope = new Scope();
  scope.add(new TerminalsByHand(connection, state, terminals));
  scope.add(watchForServersByHand(connection, state, isServersVisible));
  scope.add(reopenTerminals(terminals, state, memory));
  return scope;
}
