import { type Disposable, Scope } from "../../../shared/base/disposable.ts";
import { Emitter } from "../../../shared/base/emitter.ts";
import type { LiveClient } from "../../../shared/client/live-client.ts";
import type { SandboxView } from "../../../shared/model/sandbox.ts";
import { detect } from "../../../shared/operations/detect.ts";
import { request } from "../../../shared/operations/operation.ts";
import type { Context } from "../context.ts";
import { type Deed, perform } from "./deeds.ts";
import { chosenAfter, type Entry, entriesOf } from "./entries.ts";
import { type Below, isShownWhole, type Size, type View } from "./frame.ts";
import type { Key } from "./keys.ts";
import { OutputTail } from "./output-tail.ts";
import { Usage } from "./usage.ts";

/** What the board works with of its surroundings. */
interface Surroundings {
  size(): Size;
  onLeave(): void;
  /** A key needs a daemon: from now on one is started where none runs. */
  onActs(): void;
}

/** A question that stands, and what is done if the answer is yes. */
interface Question {
  readonly deed: Deed;
  readonly entry: Entry;
}

/** What is on the screen of `status --watch`, and what keys do to it. */
export class Board implements Disposable {
  readonly #client: LiveClient;
  readonly #context: Context;
  readonly #surroundings: Surroundings;
  readonly #scope = new Scope();
  readonly #changed = this.#scope.add(new Emitter<void>());
  readonly #usage = new Usage();
  /** Servers whose past use was asked for. */
  readonly #filled = new Set<string>();
  #here: SandboxView | undefined;
  #chosen: string | undefined;
  #below: Below = { kind: "nothing" };
  #question: Question | undefined;
  #tail: OutputTail | undefined;

  readonly onChanged = this.#changed.event;

  constructor(client: LiveClient, context: Context, surroundings: Surroundings) {
    this.#client = client;
    this.#context = context;
    this.#surroundings = surroundings;
    this.#scope.add(client.onSnapshotChanged(() => this.#update()));
    this.#scope.add(client.onLinkChanged(() => this.#linkChanged()));
    this.#scope.defer(() => this.#tail?.dispose());
    this.#linkChanged();
  }

  get view(): View {
    const { snapshot } = this.#client;
    const tail = this.#tail;
    return {
      snapshot,
      entries: this.#entries,
      chosen: this.#chosen,
      samples: (key) => this.#usage.of(key),
      below:
        tail && this.#below.kind === "nothing"
          ? { kind: "output", app: tail.entry.app, lines: tail.lines }
          : this.#below,
      away: this.#away,
    };
  }

  press(key: Key): void {
    const question = this.#question;
    const isAgreed = key === "yes" && isShownWhole(this.#below, this.#surroundings.size());
    this.#question = undefined;
    this.#below = { kind: "nothing" };
    if (key === "leave") this.#surroundings.onLeave();
    else if (question) {
      if (isAgreed) void this.#perform(question.deed, question.entry, true);
    } else this.#act(key);
    this.#changed.fire();
  }

  dispose(): void {
    this.#scope.dispose();
  }

  #act(key: Key): void {
    if (key === "up" || key === "down") {
      this.#chosen = chosenAfter(this.#entries, this.#chosen, key === "up" ? -1 : 1);
      if (this.#tail) this.#showOutput();
    } else if (key === "logs") {
      if (this.#tail) this.#hideOutput();
      else this.#showOutput();
    } else if (key === "back") this.#hideOutput();
    else if (key === "start" || key === "stop" || key === "restart") this.#begin(key);
  }

  #begin(deed: Deed): void {
    if (deed !== "stop") this.#surroundings.onActs();
    const entry = this.#entry;
    if (entry) void this.#perform(deed, entry, false);
    else if (deed === "start") this.#client.reconnect();
  }

  async #perform(deed: Deed, entry: Entry, yes: boolean): Promise<void> {
    this.#say({ kind: "said", text: `${deed} ${entry.app} …`, failed: false });
    const result = await perform(deed, entry, yes, this.#client, this.#context);
    if (this.#scope.disposed) return;
    this.#question = result.kind === "asks" ? { deed, entry } : undefined;
    this.#say(result);
  }

  #say(below: Below): void {
    this.#below = below;
    this.#changed.fire();
  }

  #showOutput(): void {
    this.#hideOutput();
    const entry = this.#entry;
    if (entry?.session) this.#tail = new OutputTail(this.#client, entry, () => this.#changed.fire());
  }

  #hideOutput(): void {
    this.#tail?.dispose();
    this.#tail = undefined;
  }

  #linkChanged(): void {
    if (this.#client.link.kind === "connected") void this.#look();
    this.#changed.fire();
  }

  /** Which apps there are is asked of each daemon. */
  async #look(): Promise<void> {
    const { signal, caller } = this.#context;
    const { directory } = detect.requests;
    this.#here = await request(directory, {}, caller, this.#client, signal).catch(() => this.#here);
    this.#update();
  }

  #update(): void {
    const sessions = this.#client.snapshot?.sessions ?? [];
    this.#usage.take(sessions);
    const entries = this.#entries;
    this.#chosen = chosenAfter(entries, this.#chosen, 0);
    for (const { key, app, cwd, session } of entries)
      if (session?.resources && !this.#filled.has(key)) void this.#fill(key, { app, cwd });
    this.#changed.fire();
  }

  /** What a server used before this looked. */
  async #fill(key: string, place: { readonly app: string; readonly cwd: string }): Promise<void> {
    this.#filled.add(key);
    const history = await this.#client.request("session/resources", place).catch(() => undefined);
    if (!history || this.#scope.disposed) return;
    this.#usage.fill(key, history.samples);
    this.#changed.fire();
  }

  get #entries(): readonly Entry[] {
    return entriesOf(this.#client.snapshot?.sessions ?? [], this.#here);
  }

  get #entry(): Entry | undefined {
    return this.#entries.find(({ key }) => key === this.#chosen);
  }

  get #away(): string | undefined {
    const { link, snapshot } = this.#client;
    if (link.kind === "connected") return undefined;
    if (link.kind === "connecting") return snapshot ? "connecting" : undefined;
    return link.error.code === "DAEMON_UNAVAILABLE"
      ? "no daemon runs (servers run on); s starts it"
      : link.error.message;
  }
}
