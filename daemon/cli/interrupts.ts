import type { Disposable } from "../../shared/base/disposable.ts";
import { DevlatchError } from "../../shared/base/errors.ts";

const signalNumbers = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;
type SignalName = keyof typeof signalNumbers;

/** Turns the first signal into an abort, so that a verb can end cleanly; the second one ends the program at once. */
export class Interrupts implements Disposable {
  readonly #controller = new AbortController();
  readonly #listeners = new Map<SignalName, () => void>();
  readonly #exit: (code: number) => void;
  #received: SignalName | undefined;

  /** @param exit ends the program now */
  constructor(exit: (code: number) => void) {
    this.#exit = exit;
    for (const name of Object.keys(signalNumbers) as SignalName[]) {
      const listener = () => this.#receive(name);
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

  /** What a terminal's Ctrl-C does, where keys are read instead of turned into signals. */
  interrupt(): void {
    this.#receive("SIGINT");
  }

  dispose(): void {
    for (const [name, listener] of this.#listeners) process.off(name, listener);
  }

  #receive(name: SignalName): void {
    if (this.#received) this.#exit(128 + signalNumbers[name]);
    this.#received = name;
    this.#controller.abort(new DevlatchError("CANCELLED", `Interrupted (${name}).`, "Nothing to do."));
  }
}
