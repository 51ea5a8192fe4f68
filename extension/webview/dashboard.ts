import { t } from "@vscode/l10n";
import type * as vscode from "vscode";
import { every, Scope } from "../../shared/base/disposable.ts";
import type { Sender } from "../../shared/operations/operation.ts";
import type { StateRepository } from "../state/repository.ts";
import { Gathering } from "./gathering.ts";
import { FromPage, type ToPage } from "./messages.ts";
import { openPagePanel } from "./page-panel.ts";

/** Least time between two pictures, and most until the next, in milliseconds. */
const soonMs = 500;
const latestMs = 10_000;

/** What the page says that it shows. */
export type Shown = Extract<FromPage, { kind: "shown" }>;

/** The dashboard: one panel of the editor at most. */
export class Dashboard extends Scope {
  readonly #state: StateRepository;
  readonly #sender: Sender;
  /** Where the bundled page is. */
  readonly #files: vscode.Uri;
  #open: { readonly panel: vscode.WebviewPanel; readonly first: Promise<Shown | undefined> } | undefined;

  constructor(state: StateRepository, sender: Sender, files: vscode.Uri) {
    super();
    this.#state = state;
    this.#sender = sender;
    this.#files = files;
    this.defer(() => this.#open?.panel.dispose());
  }

  /**
   * Opens it, or brings it to the front.
   * @returns what the page showed first, read back from it; undefined where it was closed before
   */
  async show(): Promise<Shown | undefined> {
    if (this.#open) this.#open.panel.reveal();
    else this.#open = this.#create();
    return this.#open.first;
  }

  #create() {
    const panel = openPagePanel({ name: "dashboard", title: t("Devlatch Dashboard") }, this.#files);
    const first = Promise.withResolvers<Shown | undefined>();
    const scope = new Scope();
    panel.onDidDispose(() => {
      scope.dispose();
      first.resolve(undefined);
      this.#open = undefined;
    });
    feed(panel, scope.add(new Gathering(this.#state, this.#sender)), scope, first.resolve);
    return { panel, first: first.promise };
  }
}

/** Keeps the page up to date while it is seen. */
function feed(
  panel: vscode.WebviewPanel,
  gathering: Gathering,
  scope: Scope,
  onShown: (shown: Shown) => void,
): void {
  let isReady = false;
  let timer: NodeJS.Timeout | undefined;
  const send = () => {
    timer = undefined;
    if (!isReady || !panel.visible) return;
    const message: ToPage = { kind: "data", data: gathering.data(Date.now()) };
    void panel.webview.postMessage(message);
  };
  const sendSoon = () => {
    if (!scope.disposed) timer ??= setTimeout(send, soonMs);
  };
  scope.defer(() => clearTimeout(timer));
  scope.add(gathering.onChanged(sendSoon));
  scope.add(every(latestMs, sendSoon));
  scope.add(panel.onDidChangeViewState(sendSoon));
  scope.add(
    panel.webview.onDidReceiveMessage((message: unknown) => {
      const { data: told } = FromPage.safeParse(message);
      if (!told) return;
      if (told.kind === "shown") {
        onShown(told);
        return;
      }
      if (told.kind === "ready") isReady = true;
      else gathering.span = told.span;
      send();
    }),
  );
}
