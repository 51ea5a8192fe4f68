import { Emitter } from "../../../shared/base/emitter.ts";
import { recordConflict } from "../conflict.ts";
import type { RecordStore, Versioned } from "../store.ts";
import type { Authority } from "./authority.ts";
import type { Copy, Mirror } from "./mirror.ts";
import { isOwnKey, mayBeOwn } from "./own-keys.ts";

/**
 * Records of the shared store; while that is away, the copies of this machine's own. Versions go on growing over
 * outages: a record's may differ here from the shared store's by a constant.
 */
export class OutageRecords implements RecordStore {
  readonly #shared: RecordStore;
  readonly #mirror: Mirror;
  readonly #authority: () => Authority;
  readonly #changed = new Emitter<{ key: string }>();
  /** What a version here is above the shared store's, by key. */
  readonly #above = new Map<string, number>();

  constructor(shared: RecordStore, mirror: Mirror, authority: () => Authority) {
    this.#shared = shared;
    this.#mirror = mirror;
    this.#authority = authority;
    shared.onChanged(({ key }) => this.#follow(key));
  }

  readonly onChanged = this.#changed.event;

  get(key: string): Promise<Versioned | undefined> {
    if (!isOwnKey(key)) return this.#shared.get(key);
    return this.#authority().decide(
      async () => this.#took(key, await this.#shared.get(key)),
      async () => this.#mirror.list(key).find((entry) => entry.key === key),
    );
  }

  list(prefix: string): Promise<readonly Versioned[]> {
    const shared = async () => {
      const entries = await this.#shared.list(prefix);
      return entries.map((entry) => this.#took(entry.key, entry) ?? entry);
    };
    if (!mayBeOwn(prefix)) return this.#shared.list(prefix);
    return this.#authority().decide(shared, async () => this.#mirror.list(prefix));
  }

  put(key: string, value: unknown, expected: number): Promise<number> {
    if (!isOwnKey(key)) return this.#shared.put(key, value, expected);
    const shared = async () => {
      const base = expected === 0 ? 0 : expected - this.#aboveOf(key);
      const version = (await this.#shared.put(key, value, base)) + this.#aboveOf(key);
      this.#copy(key, { value, version, state: "equal" });
      return version;
    };
    return this.#authority().decide(shared, () => this.#putHere(key, value, expected));
  }

  delete(key: string, expected: number): Promise<boolean> {
    if (!isOwnKey(key)) return this.#shared.delete(key, expected);
    const shared = async () => {
      const deleted = await this.#shared.delete(key, expected - this.#aboveOf(key));
      if (deleted) this.#copy(key, undefined);
      return deleted;
    };
    return this.#authority().decide(shared, () => this.#deleteHere(key, expected));
  }

  /** Highest fence in any copy: what is granted here goes on above it. */
  get highestFence(): number {
    return Math.max(0, ...this.#mirror.entries().map(([, { value }]) => fenceOf(value)));
  }

  /** Writes to the shared store what was changed here, unless a daemon with a higher fence wrote there meanwhile. */
  async giveBack(): Promise<void> {
    for (const [key, copy] of this.#mirror.entries()) {
      if (copy.state !== "equal") await this.#giveBackOne(key, copy);
    }
  }

  /** All records are read again. @throws DevlatchError `STORE_UNAVAILABLE` */
  async announceAll(): Promise<void> {
    const shared = this.#authority().isOwn ? [] : (await this.#shared.list("")).map(({ key }) => key);
    const own = this.#mirror.entries().map(([key]) => key);
    for (const key of new Set([...shared, ...own])) this.#changed.fire({ key });
  }

  async #giveBackOne(key: string, copy: Copy): Promise<void> {
    const there = await this.#shared.get(key);
    const overruled = there !== undefined && fenceOf(there.value) > fenceOf(copy.value);
    if (overruled || (copy.state === "removed" && !there)) {
      this.#above.set(key, Math.max(this.#aboveOf(key), copy.version + 1 - (there?.version ?? 0)));
      this.#took(key, there);
      return;
    }
    if (copy.state === "removed") {
      await this.#shared.delete(key, there?.version ?? 0);
      await this.#mirror.keep(key, undefined);
      return;
    }
    const version = await this.#shared.put(key, copy.value, there?.version ?? 0);
    this.#above.set(key, copy.version - version);
    await this.#mirror.keep(key, { ...copy, state: "equal" });
  }

  async #putHere(key: string, value: unknown, expected: number): Promise<number> {
    const known = this.#mirror.get(key);
    const found = known && known.state !== "removed" ? known.version : 0;
    if (found !== expected) throw recordConflict(key, found);
    const micros = Math.floor((performance.timeOrigin + performance.now()) * 1_000);
    const version = expected === 0 ? Math.max(micros, (known?.version ?? 0) + 1) : expected + 1;
    await this.#mirror.keep(key, { value, version, state: "changed" });
    this.#changed.fire({ key });
    return version;
  }

  async #deleteHere(key: string, expected: number): Promise<boolean> {
    const known = this.#mirror.get(key);
    if (!known || known.state === "removed" || known.version !== expected) return false;
    await this.#mirror.keep(key, { ...known, state: "removed" });
    this.#changed.fire({ key });
    return true;
  }

  #follow(key: string): void {
    if (this.#authority().isOwn && isOwnKey(key)) return;
    this.#changed.fire({ key });
  }

  /** A record as the shared store has it, in this daemon's versions; a copy of it is kept. */
  #took(key: string, entry: Versioned | undefined): Versioned | undefined {
    if (!isOwnKey(key)) return entry;
    const here = entry && { ...entry, version: entry.version + this.#aboveOf(key) };
    this.#copy(key, here && { value: here.value, version: here.version, state: "equal" });
    return here;
  }

  /** Not awaited, and a failure is let go: without the copy only an outage right now would be noticed. */
  #copy(key: string, copy: Copy | undefined): void {
    const known = this.#mirror.get(key);
    if (copy && known && known.version >= copy.version) return;
    this.#mirror.keep(key, copy).catch(() => {});
  }

  #aboveOf(key: string): number {
    return this.#above.get(key) ?? 0;
  }
}

function fenceOf(value: unknown): number {
  const fence = typeof value === "object" && value !== null && "fence" in value ? value.fence : 0;
  return typeof fence === "number" ? fence : 0;
}
