import * as vscode from "vscode";
import { Scope } from "../../shared/base/disposable.ts";
import type { LiveClient } from "../../shared/client/live-client.ts";
import type { StateRepository } from "../state/repository.ts";
import { type Server, serversElsewhere, serversOf } from "../state/servers.ts";
import type { WindowState } from "../state/window-state.ts";
import type { Terminals } from "./terminals.ts";

/** Finds the terminals of this window in which servers were started by hand, so that their rows name and show them. */
export class TerminalsByHand extends Scope {
  readonly #connection: Pick<LiveClient, "request">;
  readonly #state: StateRepository;
  readonly #terminals: Pick<Terminals, "lend">;
  /** What was found out for each process that listens: its terminal, or none. */
  readonly #found = new Map<string, vscode.Terminal | undefined>();

  constructor(
    connection: Pick<LiveClient, "request">,
    state: StateRepository,
    terminals: Pick<Terminals, "lend">,
  ) {
    super();
    this.#connection = connection;
    this.#state = state;
    this.#terminals = terminals;
    this.add(state.onChanged((now) => this.#look(now)));
    this.add(vscode.window.onDidCloseTerminal((closed) => this.#forget(closed)));
    this.#look(state.current);
  }

  #look(state: WindowState): void {
    if (state.link.kind !== "connected") return;
    const byHand = byHandIn(state);
    const present = new Set(byHand.map(processOf));
    const gone = [...this.#found.keys()].filter((which) => !present.has(which));
    for (const which of gone) this.#found.delete(which);
    for (const server of byHand) {
      const which = processOf(server);
      if (this.#found.has(which)) continue;
      this.#found.set(which, undefined);
      void this.#find(server).then((terminal) => {
        if (this.disposed || terminal === undefined || !this.#found.has(which)) return;
        this.#found.set(which, terminal);
        this.#tell();
      });
    }
    if (gone.length > 0) this.#tell();
  }

  /** Never rejects: a server whose terminal isn't known was started by hand all the same. */
  async #find({ session }: Server): Promise<vscode.Terminal | undefined> {
    if (session === undefined) return undefined;
    const { sandboxId, app } = session;
    const asked = this.#connection.request("session/lineage", { sandboxId, app });
    const pids = await asked.then((found) => found.pids).catch((): number[] => []);
    const open = await Promise.all(
      vscode.window.terminals.map(async (terminal) => ({ terminal, pid: await terminal.processId })),
    );
    return open.find(({ pid }) => pid !== undefined && pids.includes(pid))?.terminal;
  }

  #tell(): void {
    const names = new Map<string, string>();
    const shown = new Map<string, vscode.Terminal>();
    for (const server of byHandIn(this.#state.current)) {
      const terminal = this.#found.get(processOf(server));
      if (terminal === undefined) continue;
      names.set(server.key, terminal.name);
      shown.set(server.key, terminal);
    }
    this.#terminals.lend(shown);
    this.#state.noteTerminals(names);
  }

  #forget(closed: vscode.Terminal): void {
    const gone = [...this.#found].filter(([, terminal]) => terminal === closed);
    for (const [which] of gone) this.#found.set(which, undefined);
    if (gone.length > 0) this.#tell();
  }
}

function byHandIn(state: WindowState): readonly Server[] {
  const servers = [...serversOf(state), ...serversElsewhere(state)];
  return servers.filter(({ session, state }) => session?.hosting === "adopted" && state.kind === "ready");
}

/** The process that listens: another one may have been started elsewhere. */
function processOf({ key, state }: Server): string {
  return state.kind === "ready" ? `${key} ${state.pid} ${state.startTime}` : key;
}
