import * as vscode from "vscode";
import { type Disposable, Scope } from "../../shared/base/disposable.ts";
import { isLive } from "../../shared/model/session-state.ts";
import type { StateRepository } from "../state/repository.ts";
import { type Server, serversOf } from "../state/servers.ts";
import type { Terminals } from "./terminals.ts";

const memoryKey = "terminals";

/** A server's terminal as it is remembered. */
interface Remembered {
  readonly app: string;
  readonly cwd: string;
}

/**
 * Brings a window's session terminals back after a reload, where their servers still run: the editor itself restores only
 * terminals that have a process of their own.
 * @param memory of this workspace
 */
export function reopenTerminals(
  terminals: Pick<Terminals, "open" | "serverOf">,
  state: StateRepository,
  memory: vscode.Memento,
): Disposable {
  const scope = new Scope();
  const known = new Map(rememberedIn(memory).map((one) => [idOf(one), one]));
  const save = () => void memory.update(memoryKey, [...known.values()]);
  const ended = new AbortController();
  scope.defer(() => ended.abort());
  void reopen([...known.values()], terminals, state, ended.signal).catch(() => {});
  scope.add(
    vscode.window.onDidOpenTerminal((terminal) => {
      const server = terminals.serverOf(terminal);
      if (server === undefined) return;
      known.set(idOf(server), { app: server.app, cwd: server.cwd });
      save();
    }),
  );
  scope.add(
    vscode.window.onDidCloseTerminal((terminal) => {
      const server = terminals.serverOf(terminal);
      // A window that ends closes its terminals, too.
      if (server === undefined || terminal.exitStatus?.reason !== vscode.TerminalExitReason.User) return;
      known.delete(idOf(server));
      save();
    }),
  );
  return scope;
}

async function reopen(
  wanted: readonly Remembered[],
  terminals: Pick<Terminals, "open">,
  state: StateRepository,
  signal: AbortSignal,
): Promise<void> {
  if (wanted.length === 0) return;
  const ids = new Set(wanted.map(idOf));
  const now = await state.settled(signal);
  for (const server of serversOf(now))
    if (ids.has(idOf(server)) && isLive(server.state)) terminals.open(server);
}

function rememberedIn(memory: vscode.Memento): readonly Remembered[] {
  const kept = memory.get<unknown>(memoryKey);
  return Array.isArray(kept) ? kept.filter(isRemembered) : [];
}

function isRemembered(value: unknown): value is Remembered {
  const { app, cwd } = (value ?? {}) as Partial<Record<keyof Remembered, unknown>>;
  return typeof app === "string" && typeof cwd === "string";
}

function idOf({ app, cwd }: Pick<Server, "app" | "cwd">): string {
  return `${cwd}\n${app}`;
}
