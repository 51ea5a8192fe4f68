import type { Disposable } from "../../shared/base/disposable.ts";
import type { Exit } from "../../shared/model/exit.ts";
import type { HostConnection } from "../hosts/client.ts";
import type { Hosted, Hosts } from "../hosts/hosts.ts";

/** How a launch ended: as its process did, or, where nothing tells, with its host. */
export type EndOfLaunch = Exit | "host-killed";

/** Pause before a host that neither answers nor is gone is looked at again, in milliseconds. */
const againMs = 200;

/**
 * Hears how a launch ends: from its host, and where the connection to that is lost, from what is left of it. A host that is
 * killed says nothing.
 */
export class LaunchEnd implements Disposable {
  readonly #hosts: Pick<Hosts, "check">;
  readonly #hosting: Hosted;
  #connection: HostConnection | undefined;
  #again: NodeJS.Timeout | undefined;
  #seen: EndOfLaunch | undefined;
  #disposed = false;

  /** @param connection to its host; it is this one's from here on */
  constructor(hosts: Pick<Hosts, "check">, hosting: Hosted, connection: HostConnection) {
    this.#hosts = hosts;
    this.#hosting = hosting;
    this.#follow(connection);
  }

  /** Undefined while it lives, as far as is known. */
  get seen(): EndOfLaunch | undefined {
    return this.#seen;
  }

  #follow(connection: HostConnection): void {
    this.#connection = connection;
    connection.onNotification("exited", ({ exit }) => {
      this.#seen = exit;
    });
    connection.onClosed(() => this.#lost(connection));
    if (connection.isOver) this.#lost(connection);
  }

  #lost(connection: HostConnection): void {
    if (this.#connection !== connection) return;
    this.#connection = undefined;
    void this.#look();
  }

  /** Never rejects. */
  async #look(): Promise<void> {
    if (this.#disposed || this.#seen !== undefined) return;
    const check = await this.#hosts.check(this.#hosting);
    if (check.kind === "live") {
      if (this.#disposed) check.connection.dispose();
      else this.#follow(check.connection);
    } else if (check.kind === "gone") this.#seen ??= check.exit ?? "host-killed";
    // A host that is being killed closes its socket before it is gone; one that is stopped may be woken.
    else if (!this.#disposed) this.#again = setTimeout(() => void this.#look(), againMs);
  }

  dispose(): void {
    this.#disposed = true;
    clearTimeout(this.#again);
    this.#connection?.dispose();
  }
}
