import yoctoSpinner, { type Spinner } from "yocto-spinner";
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
  readonly #spinner: Spinner;

  constructor(stream: NodeJS.WriteStream) {
    // Signals are ours: the spinner's own handler would exit before a cancelled start is cleaned up.
    this.#spinner = yoctoSpinner({ stream, handleSignals: false });
  }

  phase(text: string): void {
    this.#spinner.text = printable(text);
    this.#spinner.start();
  }

  done(): void {
    this.#spinner.stop();
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
