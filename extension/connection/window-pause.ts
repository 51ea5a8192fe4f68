import { type Disposable, Scope } from "../../shared/base/disposable.ts";
import type { LiveClient } from "../../shared/client/live-client.ts";

type Wire = Pick<LiveClient, "link" | "onLinkChanged" | "onSnapshotChanged" | "request">;

/**
 * A pause of notifications that lasts as long as this window. The daemon ends it with the connection that asked for it,
 * so a new connection asks again, unless notifications were resumed meanwhile.
 */
export class WindowPause implements Disposable {
  readonly #wire: Wire;
  readonly #scope = new Scope();
  #state: "none" | "asked" | "kept" = "none";

  constructor(wire: Wire) {
    this.#wire = wire;
    this.#scope.add(wire.onLinkChanged(() => this.#reconnected()));
    this.#scope.add(
      wire.onSnapshotChanged(({ alerts }) => {
        const isResumed =
          this.#state === "kept" && wire.link.kind === "connected" && alerts.pause.kind === "none";
        if (isResumed) this.#state = "none";
      }),
    );
  }

  /** @throws DevlatchError see `LiveClient.request` */
  async begin(): Promise<void> {
    this.#state = "asked";
    await this.#wire.request("alerts/pause", {});
    if (this.#state === "asked") this.#state = "kept";
  }

  /** Ends every pause, also those of others. @throws DevlatchError see `LiveClient.request` */
  async resume(): Promise<void> {
    this.#state = "none";
    await this.#wire.request("alerts/resume", {});
  }

  dispose(): void {
    this.#scope.dispose();
  }

  #reconnected(): void {
    if (this.#state === "none") return;
    // What the next daemon says before it was asked is no answer.
    this.#state = "asked";
    if (this.#wire.link.kind === "connected") void this.begin().catch(() => {});
  }
}
