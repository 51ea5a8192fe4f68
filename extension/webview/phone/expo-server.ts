import { t } from "@vscode/l10n";
import { Scope } from "../../../shared/base/disposable.ts";
import { Emitter } from "../../../shared/base/emitter.ts";
import { toErrorShape } from "../../../shared/base/errors.ts";
import type { ThreadPage } from "../../../shared/model/thread.ts";
import type { Sender } from "../../../shared/operations/operation.ts";
import { currentServer, type Server } from "../../state/servers.ts";
import { editorRemedy, serverSentence, spoken } from "../../state/state-line.ts";
import type { WindowState } from "../../state/window-state.ts";
import {
  addressIn,
  addressLines,
  guessedAddress,
  type OwnAddress,
  printedAddress,
  type Way,
} from "./address.ts";
import type { PhoneData, PhoneKey, PhonePlace } from "./phone-data.ts";

/** How long the daemon waits for a further address before it is asked again, in milliseconds. */
const waitMs = 60_000;
const mostLines = 50;

/** What Expo takes on its terminal. */
const keys: Readonly<Record<PhoneKey, string>> = { reload: "r", menu: "m" };

function keyWords(key: PhoneKey): string {
  return key === "reload"
    ? t("Asked to reload: apps that are open on a phone load anew.")
    : t("Asked for the developer menu: it opens in apps that are open on a phone.");
}

/** What an Expo server is watched by. */
export interface PhoneSurroundings {
  readonly state: {
    readonly current: WindowState;
    onChanged(listener: (state: WindowState) => void): { dispose(): void };
  };
  readonly sender: Sender;
  /** This machine's networks. */
  readonly network: {
    addresses(): readonly OwnAddress[];
    /** Whether a port takes connections at one of them. */
    accepts(address: string, port: number): Promise<boolean>;
  };
  /** Name of the way to the machine the folder is on; undefined where it is the editor's own. */
  readonly remote: string | undefined;
}

/** Follows one Expo server: what phones find it by, whether it runs, and its keys. */
export class ExpoServer extends Scope {
  readonly #parts: PhoneSurroundings;
  readonly #changed = this.add(new Emitter<void>());
  /** The server as it was seen last. */
  #server: Server;
  /** Launch, port and link that the address belongs to. */
  #launch = "";
  #following = new AbortController();
  #isAsked = false;
  #printed: string | undefined;
  #way: Way = { own: [], closed: new Set(), remote: undefined };
  #said = "";

  readonly onChanged = this.#changed.event;

  constructor(server: Server, parts: PhoneSurroundings) {
    super();
    this.#server = server;
    this.#parts = parts;
    this.defer(() => this.#following.abort());
    this.add(parts.state.onChanged(() => this.#take()));
    this.#take();
  }

  get server(): Server {
    return this.#server;
  }

  /** The address that is shown, if one is. */
  get url(): string | undefined {
    const place = this.#place();
    return place.kind === "found" ? place.address.url : undefined;
  }

  /** @param now milliseconds since the epoch */
  data(now: number): PhoneData {
    const { state, app } = this.#server;
    return {
      app,
      state: serverSentence(this.#server, now),
      place: this.#place(),
      noKeys: this.#noKeys(),
      canStart:
        this.#parts.state.current.trusted && this.#isConnected && ["stopped", "failed"].includes(state.kind),
      said: this.#said,
    };
  }

  /** Presses a key at the server's terminal; what came of it is told on the page. */
  async press(key: PhoneKey): Promise<void> {
    if (this.#noKeys() !== null) return;
    const { cwd, app } = this.#server;
    try {
      await this.#parts.sender.request("terminal/press", { cwd, app, data: keys[key] }, this.#untilEnd());
      this.#say(keyWords(key));
    } catch (error) {
      const { message, remedy } = toErrorShape(error);
      this.#say(`${spoken(message)} ${editorRemedy(remedy)}`.trim());
    }
  }

  get #isConnected(): boolean {
    return this.#parts.state.current.link.kind === "connected";
  }

  #say(text: string): void {
    this.#said = text;
    if (!this.disposed) this.#changed.fire();
  }

  #take(): void {
    const { current } = this.#parts.state;
    const known = currentServer(current, this.#server.key);
    if (known) this.#server = known;
    else if (this.#isConnected) this.#server = { ...this.#server, state: { kind: "stopped", since: 0 } };
    const { state, session } = this.#server;
    const isReady = state.kind === "ready" && this.#isConnected;
    const launch = isReady ? JSON.stringify([session?.startedAt, state.port]) : "";
    if (launch !== this.#launch) this.#begin(launch);
    this.#changed.fire();
  }

  /** Forgets the address of the launch before, and looks for that of this one. */
  #begin(launch: string): void {
    this.#launch = launch;
    this.#following.abort();
    this.#following = new AbortController();
    this.#isAsked = false;
    this.#printed = undefined;
    this.#said = "";
    if (launch === "") return;
    const { signal } = this.#following;
    void Promise.all([this.#follow(signal), this.#lookAtNetwork(signal)]);
  }

  /** Expo names another address when it is told to (`s` on its terminal): what it prints is followed. */
  async #follow(signal: AbortSignal): Promise<void> {
    const { cwd, app, session } = this.#server;
    const ask = { cwd, app, grep: addressLines, limit: mostLines, since: session?.startedAt ?? 0 };
    const { sender } = this.#parts;
    try {
      let page = await sender.request("session/logs", ask, { signal });
      this.#read(page, signal);
      while (!signal.aborted) {
        page = await sender.request("session/logs", { ...ask, cursor: page.next, waitMs }, { signal });
        this.#read(page, signal);
      }
    } catch {
      // Without its output the machine's own address is shown; the state says whether the daemon is there.
    } finally {
      this.#read({ messages: [] }, signal);
    }
  }

  #read({ messages }: Pick<ThreadPage, "messages">, signal: AbortSignal): void {
    if (signal.aborted) return;
    this.#isAsked = true;
    this.#printed = messages.map(({ text }) => addressIn(text)).findLast(Boolean) ?? this.#printed;
    this.#changed.fire();
  }

  async #lookAtNetwork(signal: AbortSignal): Promise<void> {
    const { network, remote } = this.#parts;
    const { state } = this.#server;
    const own = network.addresses();
    this.#way = { own, closed: new Set(), remote };
    if (state.kind !== "ready") return;
    const open = await Promise.all(own.map(({ address }) => network.accepts(address, state.port)));
    if (signal.aborted) return;
    const closed = new Set(own.filter((_, at) => !open[at]).map(({ address }) => address));
    this.#way = { own, closed, remote };
    this.#changed.fire();
  }

  #place(): PhonePlace {
    const { link } = this.#parts.state.current;
    const { state, app } = this.#server;
    if (link.kind === "disconnected")
      return { kind: "none", reason: t("Not connected to the daemon, so nothing is known of {0}.", app) };
    if (state.kind !== "ready") return { kind: "none", reason: this.#whyNone() };
    if (!this.#isAsked) return { kind: "looking" };
    if (this.#printed !== undefined)
      return { kind: "found", address: printedAddress(this.#printed, this.#way) };
    const address = guessedAddress(state.port, this.#way);
    return address
      ? { kind: "found", address }
      : {
          kind: "none",
          reason: t(
            "This machine has no network that a phone could reach it by, and Expo printed no address.",
          ),
        };
  }

  #whyNone(): string {
    const { state, app } = this.#server;
    const isComing = state.kind === "starting" || state.kind === "restarting";
    return isComing
      ? t("{0} is being started. Its address is shown once it is ready.", app)
      : t("{0} doesn't run, so a phone finds nothing.", app);
  }

  #noKeys(): string | null {
    const { state, session } = this.#server;
    if (state.kind !== "ready" || !this.#isConnected) return t("It takes keys while it runs.");
    if (!this.#parts.state.current.trusted)
      return t("This workspace isn't trusted: its servers are sent no keys.");
    return session?.hosting === "adopted"
      ? t("It was started by hand: press r or m in the terminal that it runs in.")
      : null;
  }

  #untilEnd() {
    return { signal: this.#following.signal };
  }
}
