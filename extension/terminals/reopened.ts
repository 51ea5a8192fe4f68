import * as vscode from "vscode";
import { abortable } from "../../shared/base/deadline.ts";
import { type Disposable, Scope } from "../../shared/base/disposable.ts";
import { isLive } from "../../shared/model/session-state.ts";
import type { StateRepository } from "../state/repository.ts";
import { type Server, serversOf } from "../state/servers.ts";
import type { WindowState } from "../state/window-state.ts";
import { closeLeftBehind } from "./left-behind.ts";
import { type Remembered, rememberedIn } from "./remembered.ts";
import { type Terminals, terminalName } from "./terminals.ts";

const memoryKey = "terminals";

/** A terminal is in the window by then, in milliseconds. */
const openMs = 3_000;

/**
 * Brings a window's session terminals back after a reload, where their servers still run: the editor itself restores only
 * terminals that have a process of their own. They come back where they were, and take no focus. Where the extension host
 * alone was begun anew they take the place of those that it has left behind.
 * @param memory of this workspace
 */
export function reopenTerminals(
  terminals: Pick<Terminals, "open" | "serverOf">,
  state: StateRepository,
  memory: vscode.Memento,
): Disposable {
  const scope = new Scope();
  const known = new Map(rememberedIn(memory.get(memoryKey)).map((one) => [one.key, one]));
  const save = () => void memory.update(memoryKey, [...known.values()]);
  const ended = new AbortController();
  scope.defer(() => ended.abort());
  void reopen([...known.values()], terminals, state, ended.signal).catch(() => {});
  const note = (terminal: vscode.Terminal) => {
    const key = terminals.serverOf(terminal)?.key;
    if (key === undefined) return;
    const column = columnOf(terminal);
    if (known.has(key) && known.get(key)?.column === column) return;
    known.set(key, column === undefined ? { key } : { key, column });
    save();
  };
  vscode.window.terminals.forEach(note);
  scope.add(vscode.window.onDidOpenTerminal(note));
  // A terminal is moved between the panel and the editors.
  scope.add(vscode.window.tabGroups.onDidChangeTabs(() => vscode.window.terminals.forEach(note)));
  scope.add(
    vscode.window.onDidCloseTerminal((terminal) => {
      const server = terminals.serverOf(terminal);
      // A window that ends closes its terminals, too.
      if (server === undefined || terminal.exitStatus?.reason !== vscode.TerminalExitReason.User) return;
      if (known.delete(server.key)) save();
    }),
  );
  return scope;
}

/** @throws the signal's reason */
async function reopen(
  wanted: readonly Remembered[],
  terminals: Pick<Terminals, "open">,
  state: StateRepository,
  signal: AbortSignal,
): Promise<void> {
  if (wanted.length === 0) return;
  const now = await state.until(isKnown, signal);
  const opened = serversOf(now).flatMap((server) => {
    const one = wanted.find(({ key }) => key === server.key);
    return one !== undefined && showsOutput(server) ? [terminals.open(server, one.column)] : [];
  });
  // The editor hides a panel that has no terminal left, so these are to be in it first.
  const there = Promise.all(opened.map(({ processId }) => processId));
  await abortable(there, AbortSignal.timeout(openMs)).catch(() => {});
  const names = new Set(serversOf(now).map((server) => terminalName(server, now)));
  await closeLeftBehind(vscode.window.terminals, names);
}

/** Whether all that runs in the workspace is known. A window that isn't trusted takes part in no terminal. */
function isKnown({ link, trusted, folders }: WindowState): boolean {
  return (
    trusted &&
    link.kind === "connected" &&
    folders.every(({ sandbox, isFromFiles, error }) => (sandbox && !isFromFiles) || error)
  );
}

/** A server that was started by hand has a terminal already, which the editor restores. */
function showsOutput({ state, session }: Server): boolean {
  return isLive(state) && session?.hosting === "hosted";
}

/** The column of editors that a terminal stands in; undefined where it stands in the panel. */
function columnOf({ name }: vscode.Terminal): number | undefined {
  const group = vscode.window.tabGroups.all.find(({ tabs }) =>
    tabs.some(({ input, label }) => input instanceof vscode.TabInputTerminal && label === name),
  );
  return group?.viewColumn;
}
