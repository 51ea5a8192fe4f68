import { abortable, until } from "../../../shared/base/deadline.ts";
import { hasCode } from "../../../shared/base/errors.ts";
import type { Connection } from "../../../shared/client/connection.ts";
import type { Context } from "../context.ts";
import { reconnect } from "../reconnect.ts";
import type { Screen } from "./screen.ts";
import type { Typing } from "./typing.ts";
import { type Ending, openView, type View } from "./view.ts";

/** How long a server that ended may take to be started again, in milliseconds. */
export const restartMs = 3_000;
/** How long a launch under way may take until its terminal can be attached to, in milliseconds. */
const launchMs = 60_000;
/** Pause between two attempts to attach, in milliseconds. */
const retryMs = 100;

/** What a viewer says and does in the name of the command it is part of. */
export interface ViewerManner {
  /** The line when attached for the first time; undefined: none. */
  readonly welcome: string | undefined;
  /** How Ctrl-C is called that leaves while the daemon is away. */
  readonly leaving: string;
  /**
   * How long a server that ended may take to be started again, in milliseconds.
   * @returns 0: it won't be
   */
  awaits(ending: Extract<Ending, { kind: "ended" }>): Promise<number>;
  /** Whether it is said that it is waited for that. */
  readonly tellsWaiting: boolean;
}

/** Keeps this terminal attached to an app's, whatever becomes of daemons and launches, until the app is over. */
export class Viewer {
  readonly #app: string;
  readonly #context: Context;
  readonly #screen: Screen;
  readonly #typing: Typing;
  readonly #manner: ViewerManner;
  #serverEnded = false;
  /** How long it may take until it can be attached to again, in milliseconds. */
  #patienceMs = 0;

  constructor(
    app: string,
    context: Context,
    { screen, typing }: { readonly screen: Screen; readonly typing: Typing },
    manner: ViewerManner,
  ) {
    this.#manner = manner;
    this.#app = app;
    this.#context = context;
    this.#screen = screen;
    this.#typing = typing;
  }

  /** Whether the server is known to have ended, and not to have been started again. */
  get serverEnded(): boolean {
    return this.#serverEnded;
  }

  /**
   * @returns when the server ended and wasn't started again, the last ending that was seen
   * @throws DevlatchError why it can't be attached to at first; the signal's reason
   */
  async stay(signal: AbortSignal): Promise<Ending> {
    let connection = await abortable(this.#context.ensure(), signal);
    for (let last: Ending | undefined; ; ) {
      try {
        last = await this.#view(connection, last, signal);
      } catch (error) {
        if (signal.aborted) throw error;
        if (last && hasCode(error, "NOT_RUNNING")) return this.#over(last);
        if (!hasCode(error, "DAEMON_UNAVAILABLE")) throw error;
        last = { kind: "lost" };
      }
      if (last.kind === "lost") connection = await this.#reconnect(connection, signal);
      else if (last.kind === "dropped") await this.#screen.catchUp(signal);
      else if (!(await this.#awaitsAgain(last))) return this.#over(last);
    }
  }

  #over(last: Ending): Ending {
    this.#serverEnded = true;
    return last;
  }

  async #view(connection: Connection, last: Ending | undefined, signal: AbortSignal): Promise<Ending> {
    const view = await this.#open(connection, last, signal);
    try {
      return await abortable(view.over, signal);
    } finally {
      view.dispose();
    }
  }

  /** Attaches; to a launch that is only just beginning, as soon as it can be attached to. */
  #open(connection: Connection, last: Ending | undefined, signal: AbortSignal): Promise<View> {
    const parts = {
      connection,
      screen: this.#screen,
      typing: this.#typing,
      size: () => this.#context.output.terminalSize ?? { columns: 120, rows: 30 },
    };
    const { cwd } = this.#context;
    const begun = performance.now();
    const notRunningMs = last?.kind === "ended" ? this.#patienceMs : last ? restartMs : 0;
    const patience = { NOT_RUNNING: notRunningMs, HOST_FAILED: launchMs };
    const attempt = async () => {
      try {
        return await openView(parts, { cwd, app: this.#app }, () => this.#announce(last), signal);
      } catch (error) {
        const waited = performance.now() - begun;
        if (hasCode(error, "NOT_RUNNING") && waited < patience.NOT_RUNNING) return undefined;
        if (hasCode(error, "HOST_FAILED") && waited < patience.HOST_FAILED) return undefined;
        throw error;
      }
    };
    return until(attempt, { intervalMs: retryMs, signal });
  }

  /** What is said, and what becomes of the screen, when attached. */
  #announce(last: Ending | undefined): void {
    this.#serverEnded = false;
    if (last?.kind === "ended") this.#screen.say(`devlatch: ${this.#app} was started again.`);
    else if (last) this.#screen.clear();
    else if (this.#manner.welcome !== undefined) this.#screen.say(this.#manner.welcome);
  }

  async #awaitsAgain(last: Extract<Ending, { kind: "ended" }>): Promise<boolean> {
    this.#typing.forget();
    this.#serverEnded = true;
    this.#patienceMs = await this.#manner.awaits(last);
    if (this.#patienceMs > 0 && this.#manner.tellsWaiting)
      this.#screen.say(`devlatch: ${last.reason} Waiting a moment in case it is started again.`);
    return this.#patienceMs > 0;
  }

  async #reconnect(lost: Connection, signal: AbortSignal): Promise<Connection> {
    lost.dispose();
    this.#typing.forget();
    this.#screen.say(`devlatch: the daemon is away; ${this.#app} runs on. Ctrl-C ${this.#manner.leaving}.`);
    const tell = () => this.#screen.say("devlatch: the daemon was stopped; waiting until it runs again.");
    return reconnect(this.#context, signal, tell);
  }
}
