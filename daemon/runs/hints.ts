import { type Disposable, Scope } from "../../shared/base/disposable.ts";
import { Emitter } from "../../shared/base/emitter.ts";
import { connectHost } from "../hosts/client.ts";
import type { Hosted } from "../hosts/hosts.ts";

/** How long a host may take to answer, in milliseconds. */
const answerTimeoutMs = 3_000;

/**
 * Tells readers that a run's host wrote something: one connection to each host, however many readers. Only a hint:
 * where the host can't be reached readers look by themselves.
 */
export class OutputHints implements Disposable {
  readonly #scope = new Scope();
  readonly #written = new Map<string, Emitter<void>>();

  /** Calls `listener` whenever the launch's thread may have grown, and when its host is gone. */
  listen(hosting: Hosted, listener: () => void): Disposable {
    const known = this.#written.get(hosting.launchId);
    const emitter = known ?? this.#connect(hosting);
    return emitter.event(listener);
  }

  #connect(hosting: Hosted): Emitter<void> {
    const emitter = new Emitter<void>();
    this.#written.set(hosting.launchId, emitter);
    const end = () => {
      this.#written.delete(hosting.launchId);
      emitter.fire();
    };
    connectHost(hosting.directory, { signal: AbortSignal.timeout(answerTimeoutMs) }).then((connection) => {
      if (this.#scope.disposed) return connection.dispose();
      this.#scope.add(connection);
      connection.onNotification("wrote", () => emitter.fire());
      connection.onNotification("exited", () => connection.dispose());
      connection.onClosed(end);
    }, end);
    return emitter;
  }

  dispose(): void {
    this.#scope.dispose();
  }
}

/** Remembers a ring that came before it was waited for. */
export class Bell {
  #rung = false;
  #wake: (() => void) | undefined;

  ring(): void {
    this.#rung = true;
    this.#wake?.();
  }

  /** Waits for the next ring, at most `ms` milliseconds. @throws the signal's reason */
  async next(ms: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (!this.#rung) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms);
        const wake = () => {
          clearTimeout(timer);
          signal.removeEventListener("abort", wake);
          resolve();
        };
        this.#wake = wake;
        signal.addEventListener("abort", wake, { once: true });
      });
    }
    this.#wake = undefined;
    this.#rung = false;
    signal.throwIfAborted();
  }
}
