import * as vscode from "vscode";
import { Scope } from "../../shared/base/disposable.ts";
import type { ErrorShape } from "../../shared/base/errors.ts";
import { plainText } from "../../shared/base/plain-text.ts";
import { logLines } from "../state/log-lines.ts";
import type { StateRepository } from "../state/repository.ts";
import { editorRemedy, spoken } from "../state/state-line.ts";
import type { WindowState } from "../state/window-state.ts";

/** The output channel *Devlatch*: what this window did and saw, a line each, with the editor's own levels. */
export class LogChannel extends Scope {
  readonly #channel = this.add(vscode.window.createOutputChannel("Devlatch", { log: true }));
  #last: WindowState | undefined;

  /** @param what is written first, e.g. the version */
  constructor(state: StateRepository, what: string) {
    super();
    this.#channel.info(what);
    this.add(state.onChanged((current) => this.#follow(current)));
    this.#follow(state.current);
  }

  /** Writes down what a person was told, or would have been. @param of what failed, e.g. a command's title */
  failed(of: string, { code, message, remedy }: ErrorShape): void {
    this.#channel.error(plainText(`${of}: ${spoken(message)} ${editorRemedy(remedy)} (${code})`));
  }

  #follow(current: WindowState): void {
    for (const { level, text } of logLines(this.#last, current, Date.now())) this.#channel[level](text);
    this.#last = current;
  }
}
