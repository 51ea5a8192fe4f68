import { t } from "@vscode/l10n";
import type { StoppedBy } from "../../shared/model/session.ts";
import { isActive } from "../../shared/model/session-state.ts";
import { type Server, serversOf } from "./servers.ts";
import { otherStopper, userWords } from "./stopper-words.ts";
import type { WindowState } from "./window-state.ts";

/** A server that this window used until another had it stopped. */
export interface StopByOther {
  readonly server: Server;
  /** `web was stopped by the window "next".` */
  readonly words: string;
}

/** Notices from one state to the next that another window, terminal or agent had a server stopped that this window uses. */
export class StopsByOthers {
  readonly #label: () => string;
  readonly #own: number;
  /** Keys of the servers that this window uses. */
  #used = new Set<string>();

  /**
   * @param label of this window among the users of a server, e.g. `window of shop`
   * @param own process id of this window
   */
  constructor(label: () => string, own: number = process.pid) {
    this.#label = label;
    this.#own = own;
  }

  /** @returns the servers that were stopped since the state before */
  take(state: WindowState): readonly StopByOther[] {
    // What a daemon that is away said last is no news, and neither is what the next one says of it.
    if (state.link.kind !== "connected") return [];
    const servers = serversOf(state);
    const stopped = servers.filter(({ key, state }) => state.kind === "stopped" && this.#used.has(key));
    this.#used = new Set(servers.filter((one) => this.#isUsed(one)).map(({ key }) => key));
    return stopped.flatMap((server) => {
      const by = otherStopper(server.state, this.#own);
      return by ? [{ server, words: whoStopped(server, by) }] : [];
    });
  }

  #isUsed({ key, state, session }: Server): boolean {
    if (!isActive(state)) return false;
    // Who stops it has all its users forgotten before it is stopped.
    if (state.kind === "stopping" && this.#used.has(key)) return true;
    return session?.holders.some(({ kind, label }) => kind === "window" && label === this.#label()) === true;
  }
}

function whoStopped({ app }: Server, by: StoppedBy): string {
  return by.for === "restart"
    ? t("{0} was restarted by {1}.", app, userWords(by))
    : t("{0} was stopped by {1}.", app, userWords(by));
}
