import type { ErrorShape } from "../../shared/base/errors.ts";
import type { Link } from "../../shared/client/live-client.ts";

/**
 * Says once that the daemon's store isn't the window's, however often the window tries; again after it was connected.
 */
export class StoreNotice {
  #isTold = false;

  /** @returns what to say now */
  of(link: Link): ErrorShape | undefined {
    if (link.kind === "connected") this.#isTold = false;
    if (link.kind !== "disconnected" || link.error.code !== "STORE_DIFFERS" || this.#isTold) return undefined;
    this.#isTold = true;
    return link.error;
  }
}
