import type { Disposable } from "../../shared/base/disposable.ts";
import type { ProcessIdentity } from "../../shared/model/process.ts";
import { keyOf } from "../processes/pid-history.ts";
import { descendantsPace, lookAfterMs, membersPace, type Pace } from "./pace.ts";

/** Who is in the tree. */
export interface TreeLooks {
  /** Those that descend from the host, which is cheap. */
  descendants(): Promise<readonly ProcessIdentity[]>;
  /** All its members, for which all processes of the machine are looked at. */
  members(): Promise<readonly ProcessIdentity[]>;
}

/** When descendants are looked at first, in milliseconds since the spawn: most of a tree is made in its first moments. */
const earlyLooksMs = [50, 150, 400, 1_000];

/** Looks at a launch's tree, less often where nothing happens. One timer for all, so that a quiet host hardly wakes. */
export class TreeWatch implements Disposable {
  readonly #looks: TreeLooks;
  readonly #adoptsOrphans: boolean;
  readonly #monotonic: () => number;
  readonly #early: number[] = [...earlyLooksMs];
  readonly #beganAt: number;
  #lifeAt: number;
  #lookedAt: number;
  #scannedAt: number;
  #descendants: readonly string[] = [];
  /** Who is known to be a member, since the last scan. */
  #known = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #dueAt = Number.POSITIVE_INFINITY;
  #looking = false;
  #ended = false;

  /**
   * @param adoptsOrphans whether what leaves the tree comes back to this process
   * @param monotonic milliseconds since any moment
   */
  constructor(looks: TreeLooks, adoptsOrphans: boolean, monotonic: () => number = () => performance.now()) {
    this.#looks = looks;
    this.#adoptsOrphans = adoptsOrphans;
    this.#monotonic = monotonic;
    this.#beganAt = this.#lifeAt = this.#lookedAt = this.#scannedAt = monotonic();
    this.#schedule();
  }

  /** Something happens in the tree: it is looked at soon, and often for a while. */
  life(): void {
    this.#lifeAt = this.#monotonic();
    if (!this.#looking && this.#dueAt > this.#lifeAt + descendantsPace.livelyMs) this.#schedule();
  }

  dispose(): void {
    this.#ended = true;
    clearTimeout(this.#timer);
  }

  #schedule(): void {
    clearTimeout(this.#timer);
    if (this.#ended) return;
    const now = this.#monotonic();
    const [look, scan] = [this.#nextLook(now), this.#after(membersPace, this.#scannedAt, now)];
    this.#dueAt = Math.max(now, Math.min(look, scan));
    this.#timer = setTimeout(() => void this.#look(scan <= look), this.#dueAt - now).unref();
  }

  #nextLook(now: number): number {
    const [early] = this.#early;
    return early === undefined ? this.#after(descendantsPace, this.#lookedAt, now) : this.#beganAt + early;
  }

  #after(pace: Pace, last: number, now: number): number {
    return last + lookAfterMs(pace, now - this.#lifeAt, this.#adoptsOrphans);
  }

  /** @param scans whether all processes are looked at */
  async #look(scans: boolean): Promise<void> {
    this.#looking = true;
    this.#dueAt = Number.POSITIVE_INFINITY;
    try {
      const isNews = scans
        ? this.#scanned(await this.#looks.members())
        : this.#saw(await this.#looks.descendants());
      if (isNews) this.#lifeAt = this.#monotonic();
    } catch {
      // What can't be read now is looked at again.
    } finally {
      const done = this.#monotonic();
      while (this.#early[0] !== undefined && this.#beganAt + this.#early[0] <= done) this.#early.shift();
      this.#lookedAt = done;
      if (scans) this.#scannedAt = done;
      this.#looking = false;
      this.#schedule();
    }
  }

  /** @returns whether a descendant came or went */
  #saw(descendants: readonly ProcessIdentity[]): boolean {
    const before = this.#descendants;
    this.#descendants = descendants.map(keyOf).sort();
    for (const one of this.#descendants) this.#known.add(one);
    return before.join() !== this.#descendants.join();
  }

  /** @returns whether there is a member that nothing told of */
  #scanned(members: readonly ProcessIdentity[]): boolean {
    const [found, known] = [members.map(keyOf), this.#known];
    this.#known = new Set([...found, ...this.#descendants]);
    return found.some((one) => !known.has(one));
  }
}
