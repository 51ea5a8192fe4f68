import { setImmediate } from "node:timers/promises";
import { type Disposable, Scope } from "../../shared/base/disposable.ts";
import type { Connection } from "../../shared/client/connection.ts";
import type { DaemonReach } from "../../shared/client/live-client.ts";
import type { Reach, ReachOptions } from "./reach.ts";

/** A {@link Reach} whose sockets and schemas are loaded when a connection is first asked for, not while the editor starts. */
export class LateReach implements DaemonReach {
  readonly #options: ReachOptions;
  #reach: Promise<Reach> | undefined;

  constructor(options: ReachOptions) {
    this.#options = options;
  }

  /** @throws DevlatchError see `Reach.open` */
  async open(signal: AbortSignal, wanted: boolean): Promise<Connection> {
    return (await this.#load()).open(signal, wanted);
  }

  watch(onAppeared: () => void): Disposable {
    const scope = new Scope();
    void this.#load().then((reach) => scope.disposed || scope.add(reach.watch(onAppeared)));
    return scope;
  }

  /** @throws DevlatchError see `Reach.stopDaemon` */
  async stopDaemon(): Promise<void> {
    await (await this.#load()).stopDaemon();
  }

  #load(): Promise<Reach> {
    this.#reach ??= load(this.#options);
    return this.#reach;
  }
}

async function load(options: ReachOptions): Promise<Reach> {
  // An import reads and parses at once all that it needs: the editor's other extensions have their turn first.
  await setImmediate();
  const { Reach } = await import("./reach.ts");
  return new Reach(options);
}
