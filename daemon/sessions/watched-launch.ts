import type { Disposable } from "../../shared/base/disposable.ts";
import { sessionKey } from "../../shared/model/keys.ts";
import type { SessionRecord } from "../../shared/model/session.ts";
import { isLive } from "../../shared/model/session-state.ts";
import type { HostConnection } from "../hosts/client.ts";
import { type Hosted, hostedHere } from "../hosts/hosts.ts";

/** How the daemon stands with the host of a launch. */
type Contact =
  /** It wasn't asked yet, its connection is over, or there is none (a server that was started by hand). */
  | { readonly kind: "none" }
  | { readonly kind: "connecting" }
  | { readonly kind: "connected"; readonly connection: HostConnection }
  /** It lives but doesn't answer, or what it said could not be acted on: it is asked again. */
  | { readonly kind: "again"; readonly timer: NodeJS.Timeout };

/** One launch on this machine, from its first live record to its end, with all that ends with it. */
export class WatchedLaunch implements Disposable {
  readonly id: string;
  /** As it was first seen: what a launch is doesn't change, only its state does. */
  readonly record: SessionRecord;
  /** Of the session. */
  readonly key: string;
  /** Undefined for a server that was started by hand. */
  readonly hosting: Hosted | undefined;
  /** Its record while it is ready, or has crashed: a store that lost its data gets it from here. */
  kept: SessionRecord | undefined;
  /** The port it listened on in the last look, where that wasn't the one in its record. */
  seenOn: number | undefined;
  /** Since when it listens nowhere although it is ready, by the monotonic clock, in milliseconds. */
  silentSince: number | undefined;
  /** Whether the home that launched it was given time to tell of its end. */
  leftToLauncher = false;
  #contact: Contact = { kind: "none" };
  #underWay = 0;
  #disposed = false;

  /** @param id see {@link launchOf} */
  constructor(id: string, record: SessionRecord, machineId: string) {
    this.id = id;
    this.record = record;
    this.key = sessionKey(record);
    this.hosting = hostedHere(record, machineId);
  }

  get contact(): Contact["kind"] {
    return this.#contact.kind;
  }

  /** Whether something is being done about it just now. */
  get isSettling(): boolean {
    return this.#underWay > 0;
  }

  /** Whether nothing is left to do about it. @param current the session's record now */
  isOver(current: SessionRecord | undefined): boolean {
    return !this.livesIn(current) && !this.isSettling && this.contact === "none";
  }

  /** Whether the session's record says that it lives, and not another launch. */
  livesIn(current: SessionRecord | undefined): boolean {
    return current !== undefined && isLive(current.state) && launchOf(current) === this.id;
  }

  /** Takes note of the session's record. */
  see(current: SessionRecord): void {
    const isKept = current.state.kind === "ready" || current.state.kind === "crashed";
    this.kept = isKept && this.livesIn(current) ? current : undefined;
  }

  async settle(work: () => Promise<void>): Promise<void> {
    this.#underWay++;
    try {
      await work();
    } finally {
      this.#underWay--;
    }
  }

  connecting(): void {
    this.#enter({ kind: "connecting" });
  }

  /**
   * @param onWrote called when the server wrote something
   * @param onClosed called when this connection, and not a later one, is over
   */
  connected(connection: HostConnection, onWrote: () => void, onClosed: () => void): void {
    this.#enter({ kind: "connected", connection });
    connection.onNotification("wrote", onWrote);
    connection.onNotification("exited", () => connection.dispose());
    connection.onClosed(() => {
      if (this.#contact.kind !== "connected" || this.#contact.connection !== connection) return;
      this.#contact = { kind: "none" };
      onClosed();
    });
  }

  /** @param ms when it is to be asked again, in milliseconds from now */
  again(ms: number, ask: () => void): void {
    const timer = setTimeout(() => {
      this.#contact = { kind: "none" };
      ask();
    }, ms);
    this.#enter({ kind: "again", timer });
  }

  /** Its host is gone. */
  lost(): void {
    this.#enter({ kind: "none" });
  }

  #enter(contact: Contact): void {
    const former = this.#contact;
    this.#contact = contact;
    release(former);
    if (this.#disposed) release(contact);
  }

  dispose(): void {
    this.#disposed = true;
    this.lost();
  }
}

function release(contact: Contact): void {
  if (contact.kind === "connected") contact.connection.dispose();
  if (contact.kind === "again") clearTimeout(contact.timer);
}

/** Tells a launch, or a server that was started by hand, from every other one; undefined where nothing runs. */
export function launchOf({ hosting }: SessionRecord): string | undefined {
  return hosting?.kind === "adopted" ? `${hosting.pid} ${hosting.startTime}` : hosting?.launchId;
}
