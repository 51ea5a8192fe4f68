import * as vscode from "vscode";
import { Scope } from "../../shared/base/disposable.ts";

/** More things than that are in sight nowhere: the commands of the oldest go. */
const mostCommands = 500;

interface Click {
  readonly id: string;
  run: () => unknown;
  readonly registration: vscode.Disposable;
}

/**
 * Commands without arguments, one for each thing that is clicked. The editor forgets a command's arguments when it is given
 * the next ones, before its window has drawn these: a click on what is still in sight would find nothing, and be lost.
 */
export class Clicks extends Scope {
  readonly #place: string;
  readonly #clicks = new Map<string, Click>();
  #last = 0;

  /** @param place where the things are; no two places have the same name */
  constructor(place: string) {
    super();
    this.#place = place;
    this.defer(() => {
      for (const { registration } of this.#clicks.values()) registration.dispose();
    });
  }

  /**
   * @param thing what is clicked, and what that means as long as it is in sight
   * @param run what a click does from now on
   * @returns the id of its command, which stays the same
   */
  commandOf(thing: string, run: () => unknown): string {
    const known = this.#clicks.get(thing);
    if (known === undefined) return this.#register(thing, run).id;
    known.run = run;
    return known.id;
  }

  #register(thing: string, run: () => unknown): Click {
    this.#last += 1;
    // The editor leaves commands with an underscore out of its lists.
    const id = `_devlatch.click.${this.#place}.${this.#last}`;
    const click = { id, run, registration: vscode.commands.registerCommand(id, () => click.run()) };
    this.#clicks.set(thing, click);
    const [oldest] = this.#clicks;
    if (this.#clicks.size > mostCommands && oldest !== undefined) {
      oldest[1].registration.dispose();
      this.#clicks.delete(oldest[0]);
    }
    return click;
  }
}
