import { type Disposable, Scope } from "../../shared/base/disposable.ts";
import { DevlatchError } from "../../shared/base/errors.ts";
import { randomToken } from "../../shared/base/token.ts";
import { describeExit, type Exit } from "../../shared/model/exit.ts";
import { sessionKey } from "../../shared/model/keys.ts";
import type { SessionRecord } from "../../shared/model/session.ts";
import { isLive } from "../../shared/model/session-state.ts";
import type { Notification } from "../../shared/protocol/methods.ts";
import type { Caller } from "../holders/callers.ts";
import { connectHost, type HostConnection } from "../hosts/client.ts";
import type { SessionService } from "../sessions/service.ts";
import type { Holding } from "./holding.ts";
import type { Locator } from "./locator.ts";

/** How long a host may take to answer, in milliseconds. */
const answerTimeoutMs = 5_000;
/** What may wait for a slow viewer, in bytes as sent: the daemon never buffers without bound. */
const maxBacklogBytes = 4 * 1024 * 1024;

/** Who looks at a terminal: the client at the end of a connection. */
export interface Viewer {
  /** Ends with the connection. */
  readonly scope: Scope;
  /** Of the request to attach. */
  readonly signal: AbortSignal;
  notify<N extends "terminal/data" | "terminal/closed">(name: N, value: Notification<N>): void;
  /** What waits to be sent because the client reads slowly, in bytes. */
  backlog(): number;
}

/** In characters. */
export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/** One viewer's connection to a host's pseudo-terminal. */
interface Terminal extends Disposable {
  readonly connection: HostConnection;
}

/** The viewers of the sessions' terminals. */
export class Viewers {
  readonly #locator: Locator;
  readonly #sessions: Pick<SessionService, "registry" | "directoryOf">;
  readonly #holding: Holding;
  readonly #terminals = new Map<string, Terminal>();

  constructor(
    locator: Locator,
    sessions: Pick<SessionService, "registry" | "directoryOf">,
    holding: Holding,
  ) {
    this.#locator = locator;
    this.#sessions = sessions;
    this.#holding = holding;
  }

  /**
   * Shows a session's terminal to a viewer until it detaches or goes.
   * @returns the terminal's name, and what was on it so far, base64
   * @throws DevlatchError `NOT_RUNNING`, `HOST_FAILED`
   */
  async attach(
    { cwd, app, size }: { readonly cwd: string; readonly app: string; readonly size: TerminalSize },
    viewer: Viewer,
    caller: Caller | undefined,
  ): Promise<{ terminal: string; scrollback: string }> {
    const connection = await this.#reach(cwd, app, viewer.signal, caller);
    const terminal = randomToken();
    const scope = viewer.scope.add(new Scope());
    scope.add(connection);
    scope.defer(() => this.#terminals.delete(terminal));
    this.#terminals.set(terminal, { connection, dispose: () => scope.dispose() });
    forward({ terminal, app, connection, scope }, viewer);
    try {
      await connection.request("resize", size);
      const { scrollback } = await connection.request("attach", {});
      return { terminal, scrollback };
    } catch (error) {
      scope.dispose();
      throw error;
    }
  }

  /** @throws DevlatchError `NOT_RUNNING` where the terminal is closed */
  async input(terminal: string, data: string): Promise<void> {
    await this.#find(terminal).connection.request("input", { data });
  }

  /**
   * Presses keys for a caller that doesn't look at the terminal, and so has no say in its size.
   * @throws DevlatchError `NOT_RUNNING`, also where its programs don't read; `HOST_FAILED`
   */
  async press(
    { cwd, app, data }: { readonly cwd: string; readonly app: string; readonly data: string },
    signal: AbortSignal,
    caller: Caller | undefined,
  ): Promise<void> {
    const connection = await this.#reach(cwd, app, signal, caller);
    try {
      await connection.request("input", { data }, { signal });
    } finally {
      connection.dispose();
    }
  }

  /** @throws DevlatchError `NOT_RUNNING` where the terminal is closed */
  async resize(terminal: string, size: TerminalSize): Promise<void> {
    await this.#find(terminal).connection.request("resize", size);
  }

  detach(terminal: string): void {
    this.#terminals.get(terminal)?.dispose();
  }

  #find(terminal: string): Terminal {
    const found = this.#terminals.get(terminal);
    if (found) return found;
    throw new DevlatchError("NOT_RUNNING", "This terminal is closed.", "Open it again.");
  }

  /** The host of a session that runs; the caller counts as one who uses it. */
  async #reach(cwd: string, app: string, signal: AbortSignal, caller: Caller | undefined) {
    const record = await this.#running(cwd, app);
    await this.#holding.note(record, caller);
    return connectHost(this.#sessions.directoryOf(record), {
      signal: AbortSignal.any([signal, AbortSignal.timeout(answerTimeoutMs)]),
    });
  }

  async #running(cwd: string, app: string): Promise<SessionRecord> {
    const record = this.#sessions.registry.peek(sessionKey(await this.#locator.session(cwd, app)));
    const live = record && isLive(record.state) ? record : undefined;
    if (live?.hosting?.kind === "hosted") return live;
    throw live?.hosting?.kind === "adopted" ? startedByHand(app) : notRunning(app);
  }
}

/** What one viewer is told; it ends with the scope. */
interface Forwarding {
  readonly terminal: string;
  readonly app: string;
  readonly connection: HostConnection;
  readonly scope: Scope;
}

function forward({ terminal, app, connection, scope }: Forwarding, viewer: Viewer): void {
  const close = (cause: "ended" | "dropped", reason: string, exit?: Exit) => {
    if (scope.disposed) return;
    viewer.notify("terminal/closed", { terminal, reason, cause, ...(exit ? { exit } : {}) });
    scope.dispose();
  };
  connection.onNotification("output", ({ data }) => {
    if (scope.disposed) return;
    viewer.notify("terminal/data", { terminal, data });
    if (viewer.backlog() > maxBacklogBytes)
      close("dropped", "The output came faster than it was read. Attach again.");
  });
  connection.onNotification("dropped", ({ reason }) => close("dropped", reason));
  connection.onNotification("exited", ({ exit }) => close("ended", `${app} ${describeExit(exit)}.`, exit));
  connection.onClosed(() => close("ended", `${app} ended.`));
}

function startedByHand(app: string): DevlatchError {
  return new DevlatchError(
    "NOT_RUNNING",
    `${app} was started by hand; its terminal is where it was started.`,
    `Look there, or have Devlatch start it instead: devlatch restart ${app} --yes`,
  );
}

function notRunning(app: string): DevlatchError {
  return new DevlatchError(
    "NOT_RUNNING",
    `${app} isn't running, so it has no terminal.`,
    `Start it with: devlatch start ${app}`,
  );
}
