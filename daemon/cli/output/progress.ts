import type { Spinner } from "yocto-spinner";
import { printable } from "./style.ts";

/** Says what happens now while a verb works; ends before its result is printed. */
export interface Progress {
  phase(text: string): void;
  done(): void;
}

/** Programs that read JSON get no progress. */
export const silentProgress: Progress = { phase() {}, done() {} };

/** A spinner on a terminal; elsewhere (a pipe, a CI, `TERM=dumb`) one plain line for each phase. */
export function progressOn(stream: NodeJS.WriteStream, env: NodeJS.ProcessEnv): Progress {
  return isLively(stream, env) ? new SpinnerProgress(stream) : new LineProgress(stream);
}

/** Whether text can change in place there. */
export function isLively(stream: NodeJS.WriteStream, env: NodeJS.ProcessEnv): boolean {
  return stream.isTTY && env["TERM"] !== "dumb" && !("CI" in env);
}

class SpinnerProgress implements Progress {
  readonly #stream: NodeJS.WriteStream;
  #loading: Promise<void> | undefined;
  #spinner: Spinner | undefined;
  #text = "";
  #isOver = true;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  phase(text: string): void {
    this.#text = printable(text);
    this.#isOver = false;
    this.#loading ??= this.#load();
    this.#turn();
  }

  done(): void {
    this.#isOver = true;
    this.#spinner?.stop();
  }

  #turn(): void {
    if (!this.#spinner || this.#isOver) return;
    this.#spinner.text = this.#text;
    this.#spinner.start();
  }

  async #load(): Promise<void> {
    const { default: yoctoSpinner } = await import("yocto-spinner");
    // Signals are ours: the spinner's own handler would exit before a cancelled start is cleaned up.
    this.#spinner = yoctoSpinner({ stream: this.#stream, handleSignals: false });
    this.#turn();
  }
}

class LineProgress implements Progress {
  readonly #stream: NodeJS.WriteStream;
  #last: string | undefined;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  phase(text: string): void {
    if (text === this.#last) return;
    this.#last = text;
    this.#stream.write(`${printable(text)}\n`);
  }

  done(): void {}
}
