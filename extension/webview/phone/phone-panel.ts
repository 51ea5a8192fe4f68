import { t } from "@vscode/l10n";
import * as vscode from "vscode";
import { Scope } from "../../../shared/base/disposable.ts";
import type { Sender } from "../../../shared/operations/operation.ts";
import { commands } from "../../contributions/commands.ts";
import type { StateRepository } from "../../state/repository.ts";
import type { Server } from "../../state/servers.ts";
import { openPagePanel } from "../page-panel.ts";
import { ExpoServer } from "./expo-server.ts";
import { FromPhonePage, type ToPhonePage } from "./messages.ts";
import { accepts, ownAddresses } from "./own-network.ts";

/** What the page says that it shows. */
export type PhoneShown = Extract<FromPhonePage, { kind: "shown" }>;

interface Open {
  readonly panel: vscode.WebviewPanel;
  /** What it showed last; a new promise for each server. */
  shown: PromiseWithResolvers<PhoneShown | undefined>;
  expo: ExpoServer;
}

/** What a phone needs of an Expo server: its code, its address, and keys as buttons. One panel at most. */
export class Phone extends Scope {
  readonly #state: StateRepository;
  readonly #sender: Sender;
  readonly #files: vscode.Uri;
  #open: Open | undefined;

  /** @param files where the bundled page is */
  constructor(state: StateRepository, sender: Sender, files: vscode.Uri) {
    super();
    this.#state = state;
    this.#sender = sender;
    this.#files = files;
    this.defer(() => this.#open?.panel.dispose());
  }

  /**
   * Shows the code of one server, in place of another's that was shown.
   * @returns what the page showed of it once its address was known; undefined where it was closed before
   */
  async show(server: Server): Promise<PhoneShown | undefined> {
    if (this.#open) {
      this.#open.panel.reveal();
      if (this.#open.expo.server.key !== server.key) this.#change(this.#open, server);
    } else this.#open = this.#create(server);
    return this.#open.shown.promise;
  }

  #create(server: Server): Open {
    const panel = openPagePanel({ name: "phone", title: titleOf(server) }, this.#files);
    const open: Open = { panel, shown: Promise.withResolvers(), expo: this.#follow(server) };
    const scope = new Scope();
    scope.add(panel.webview.onDidReceiveMessage((message: unknown) => this.#hear(message)));
    scope.add(panel.onDidChangeViewState(() => this.#send()));
    panel.onDidDispose(() => {
      scope.dispose();
      open.expo.dispose();
      open.shown.resolve(undefined);
      this.#open = undefined;
    });
    return open;
  }

  #follow(server: Server): ExpoServer {
    const network = { addresses: ownAddresses, accepts };
    const remote = otherMachine(vscode.env.remoteName);
    const expo = new ExpoServer(server, { state: this.#state, sender: this.#sender, network, remote });
    expo.onChanged(() => this.#send());
    return expo;
  }

  #change(open: Open, server: Server): void {
    open.expo.dispose();
    open.shown.resolve(undefined);
    open.shown = Promise.withResolvers();
    open.expo = this.#follow(server);
    open.panel.title = titleOf(server);
    this.#send();
  }

  #send(): void {
    if (!this.#open?.panel.visible) return;
    const message: ToPhonePage = { kind: "phone", data: this.#open.expo.data(Date.now()) };
    void this.#open.panel.webview.postMessage(message);
  }

  #hear(message: unknown): void {
    const { data: told } = FromPhonePage.safeParse(message);
    if (!told || !this.#open) return;
    const { expo, shown } = this.#open;
    if (told.kind === "ready") this.#send();
    else if (told.kind === "press") void expo.press(told.key);
    else if (told.kind === "start")
      void vscode.commands.executeCommand(commands.start.id, { server: expo.server });
    else if (told.kind === "copy") void copy(expo.url);
    else shown.resolve(told);
  }
}

/** A window in a browser names its server: that may be this very machine. */
function otherMachine(remoteName: string | undefined): string | undefined {
  return /^(?:localhost|127\.|\[::1\])/.test(remoteName ?? "") ? undefined : remoteName;
}

function titleOf({ app, place }: Server): string {
  return t("{0} on a Phone ({1})", app, place);
}

async function copy(url: string | undefined): Promise<void> {
  if (url === undefined) return;
  await vscode.env.clipboard.writeText(url);
  vscode.window.setStatusBarMessage(t("Copied {0}", url), 3_000);
}
