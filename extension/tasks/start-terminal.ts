import { t } from "@vscode/l10n";
import * as vscode from "vscode";
import { Scope } from "../../shared/base/disposable.ts";
import { DevlatchError, toErrorShape } from "../../shared/base/errors.ts";
import { plainLines } from "../../shared/base/plain-text.ts";
import type { Services } from "../commands/services.ts";
import { start } from "../commands/start.ts";
import { requireTrust } from "../commands/trust.ts";
import { serversOf } from "../state/servers.ts";
import { editorRemedy, failureLine } from "../state/state-line.ts";

/** The terminal of a task: says what is started and how that ended, and ends with 0 when the server is ready. */
export class StartTerminal implements vscode.Pseudoterminal {
  readonly #target: { readonly app: string; readonly cwd?: string };
  readonly #services: Services;
  readonly #scope = new Scope();
  readonly #written = this.#scope.add(new vscode.EventEmitter<string>());
  readonly #ended = this.#scope.add(new vscode.EventEmitter<number>());

  readonly onDidWrite = this.#written.event;
  readonly onDidClose = this.#ended.event;

  /** @param target what to start; without `cwd` the workspace's only app of that name */
  constructor(target: { readonly app: string; readonly cwd?: string }, services: Services) {
    this.#target = target;
    this.#services = services;
  }

  open(): void {
    this.#say(t("Starting {0} …", this.#target.app));
    void this.#start();
  }

  close(): void {
    this.#scope.dispose();
  }

  async #start(): Promise<void> {
    try {
      // A task of an untrusted workspace isn't run by the editor either.
      requireTrust();
      const result = await start(this.#target, this.#services);
      if (result === undefined) throw this.#failure();
      const { app, outcome, url } = result;
      this.#say(url === null ? `${app}: ${outcome}` : t("{0} is ready at {1} ({2}).", app, url, outcome));
      this.#ended.fire(0);
    } catch (error) {
      const { message, remedy } = toErrorShape(error);
      this.#say(`${message} ${editorRemedy(remedy)}`);
      this.#ended.fire(1);
    }
  }

  /** The person was told already, or gave it up themselves; the terminal repeats what is known. */
  #failure(): DevlatchError {
    const { app, cwd } = this.#target;
    const servers = serversOf(this.#services.state.current).filter(
      (server) => server.app === app && (cwd ?? server.cwd) === server.cwd,
    );
    const [line] = servers.flatMap((server) => failureLine(server) ?? []);
    const [error] = servers.flatMap(({ state }) => ("error" in state ? state.error : []));
    const message = error?.message ?? t("{0} wasn't started.", app);
    const said = line === undefined || message.includes(line) ? message : `${line}\n${message}`;
    return new DevlatchError("CANCELLED", said, error?.remedy ?? "");
  }

  #say(text: string): void {
    this.#written.fire(`${plainLines(text).replaceAll("\n", "\r\n")}\r\n`);
  }
}
