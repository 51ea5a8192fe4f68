import { isatty } from "node:tty";
import type { Disposable } from "../../shared/base/disposable.ts";
import { DevlatchError } from "../../shared/base/errors.ts";

const signalNumbers = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;
export type SignalName = keyof typeof signalNumbers;

/**
 * How soon after a signal the same one is that one again, in milliseconds: a terminal gives Ctrl-C to its whole foreground,
 * npm hands on what it got so itself, and runners that give their commands no terminal look for processes to hand it to.
 */
const echoMs = { inTerminal: 250, inRunner: 1_000 };

/** Turns the first signal into an abort, so that a verb can end cleanly; the second one ends the program at once. */
export class Interrupts implements Disposable {
  readonly #controller = new AbortController();
  readonly #listeners = new Map<SignalName, () => void>();
  readonly #exit: (code: number) => void;
  #received: SignalName | undefined;
  #last: { readonly name: SignalName; readonly at: number } | undefined;
  #receiver: ((name: SignalName) => void) | undefined;

  /** @param exit ends the program now */
  constructor(exit: (code: number) => void) {
    this.#exit = exit;
    for (const name of Object.keys(signalNumbers) as SignalName[]) {
      const listener = () => this.#hear(name);
      this.#listeners.set(name, listener);
      process.on(name, listener);
    }
  }

  /** Aborts with `CANCELLED` at the first signal. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get received(): SignalName | undefined {
    return this.#received;
  }

  /** 128 + the signal's number, as shells report it; undefined while there was none. */
  get exitCode(): number | undefined {
    return this.#received && 128 + signalNumbers[this.#received];
  }

  /** What a terminal's Ctrl-C does, where keys are read instead of turned into signals; or what its end does. */
  interrupt(name: SignalName = "SIGINT"): void {
    this.#receive(name);
  }

  /** Signals are another's from now on, and end nothing here, until disposed of. */
  divert(receiver: (name: SignalName) => void): Disposable {
    this.#receiver = receiver;
    return {
      dispose: () => {
        this.#receiver = undefined;
      },
    };
  }

  dispose(): void {
    for (const [name, listener] of this.#listeners) process.off(name, listener);
  }

  #hear(name: SignalName): void {
    const echo = isatty(0) ? echoMs.inTerminal : echoMs.inRunner;
    const isEcho = this.#last?.name === name && performance.now() - this.#last.at < echo;
    this.#last = { name, at: performance.now() };
    if (isEcho) return;
    if (this.#receiver) this.#receiver(name);
    else this.#receive(name);
  }

  #receive(name: SignalName): void {
    if (this.#received) this.#exit(128 + signalNumbers[name]);
    this.#received = name;
    this.#controller.abort(new DevlatchError("CANCELLED", `Interrupted (${name}).`, "Nothing to do."));
  }
}
