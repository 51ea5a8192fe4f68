import type { Disposable } from "../../../shared/base/disposable.ts";
import { Emitter, type Event } from "../../../shared/base/emitter.ts";
import { parseRecordKey, type RecordKind, recordPrefix } from "../../../shared/model/keys.ts";
import type { ProcessIdentity } from "../../../shared/model/process.ts";
import { Hosting } from "../../../shared/model/session.ts";
import { type Refusal, Refusals } from "../refusal.ts";
import type { RecordStore, Versioned } from "../store.ts";
import { asSession } from "./check.ts";
import type { OwnParts } from "./own-parts.ts";
import {
  asObject,
  foreign,
  isActable,
  type Json,
  joined,
  mayLive,
  proven,
  toShared,
  unhosted,
} from "./sharing.ts";

/** Looks at what another home of this user is said to have on this machine. */
export interface Witness {
  /** Whether a living host of this user is of just that launch, session and directory, by what the kernel says of it. */
  hosts(claim: {
    readonly sandboxId: string;
    readonly session: string;
    readonly launchId: string;
    readonly directory: string;
  }): Promise<boolean>;
  /** Whether exactly this process lives. */
  lives(process: ProcessIdentity): Promise<boolean>;
}

export interface BelievedRecordsOptions {
  /** The shared store's. */
  readonly shared: RecordStore;
  /** Of a file of this home alone. */
  readonly own: RecordStore;
  readonly parts: OwnParts;
  readonly machineId: string;
  readonly witness: Witness;
  /** Hears of what is refused, once a key. */
  readonly onRefused: (refusal: Refusal) => void;
}

/** Kinds whose records name what is executed, deleted or signalled, by home: they aren't shared at all. */
const ownKinds: readonly (RecordKind | undefined)[] = ["sandbox_pool", "sandbox_ports"];
/** Kinds of which others need a part. */
const partlyShared: readonly (RecordKind | undefined)[] = ["session", "run"];

/**
 * Records of a shared store as far as they may be believed. Who writes there coordinates, and commands nothing: what is
 * executed, deleted or signalled comes from this home's own file, or from a living host of this user that proved itself.
 */
export class BelievedRecords implements RecordStore, Disposable {
  readonly #options: BelievedRecordsOptions;
  readonly #changed = new Emitter<{ key: string }>();
  readonly #refusals: Refusals;

  constructor(options: BelievedRecordsOptions) {
    this.#options = options;
    this.#refusals = new Refusals(options.onRefused);
    options.shared.onChanged(({ key }) => isOwn(key) || this.#changed.fire({ key }));
    options.own.onChanged(({ key }) => isOwn(key) && this.#changed.fire({ key }));
  }

  readonly onChanged: Event<{ key: string }> = this.#changed.event;

  async get(key: string): Promise<Versioned | undefined> {
    if (isOwn(key)) return this.#options.own.get(key);
    const entry = await this.#options.shared.get(key);
    return entry && { ...entry, value: await this.#believed(key, entry.value) };
  }

  async list(prefix: string): Promise<readonly Versioned[]> {
    if (isOwn(`${prefix}_`)) return this.#options.own.list(prefix);
    const shared = (await this.#options.shared.list(prefix)).filter(({ key }) => !isOwn(key));
    const entries = await Promise.all(shared.map((entry) => this.#entry(entry)));
    const own = prefix === "" ? await this.#ownEntries() : [];
    return [...entries.filter((entry) => entry !== undefined), ...own].sort((a, b) =>
      a.key < b.key ? -1 : 1,
    );
  }

  async put(key: string, value: unknown, expected: number): Promise<number> {
    const { shared, own, parts } = this.#options;
    if (isOwn(key)) return own.put(key, value, expected);
    if (!isPartlyShared(key)) return shared.put(key, value, expected);
    const { told: _, ...record } = value as Json;
    // First, so that what it launches next is known here whatever becomes of this daemon.
    if (isActable(record)) await parts.keep(key, record);
    return shared.put(key, toShared(record), expected);
  }

  async delete(key: string, expected: number): Promise<boolean> {
    const { shared, own, parts } = this.#options;
    if (isOwn(key)) return own.delete(key, expected);
    const deleted = await shared.delete(key, expected);
    if (deleted && isPartlyShared(key)) await parts.keep(key, undefined);
    return deleted;
  }

  dispose(): void {
    this.#changed.dispose();
  }

  async #ownEntries(): Promise<readonly Versioned[]> {
    const lists = ownKinds.map((kind) => (kind ? this.#options.own.list(recordPrefix(kind)) : []));
    return (await Promise.all(lists)).flat();
  }

  /** One bad record costs nothing but itself. */
  async #entry(entry: Versioned): Promise<Versioned | undefined> {
    try {
      return { ...entry, value: await this.#believed(entry.key, entry.value) };
    } catch {
      return undefined;
    }
  }

  /** @throws DevlatchError `INTERNAL` for what isn't believed */
  async #believed(key: string, value: unknown): Promise<unknown> {
    if (!isPartlyShared(key)) return value;
    const own = asObject(this.#options.parts.of(key));
    const checked = asSession(key, value, own);
    if ("problem" in checked) throw this.#refusals.refuse(key, checked.problem);
    const { record } = checked;
    return joined(record, own) ?? this.#strange(key, record);
  }

  async #strange(key: string, record: Json): Promise<Json> {
    const { machineId, witness, parts } = this.#options;
    const hosting = Hosting.safeParse(record["hosting"]).data;
    if (hosting?.machineId !== machineId || !mayLive(record)) return foreign(record);
    if (hosting.kind === "adopted")
      return (await witness.lives(hosting)) ? foreign(record) : unhosted(record);
    const [sandboxId, session] = [String(record["sandboxId"]), String(record["session"])];
    const isThere = await witness.hosts({ ...hosting, sandboxId, session });
    if (!isThere) return key.startsWith(recordPrefix("run")) ? foreign(record) : unhosted(record);
    const known = proven(record);
    // From now on it is known here, also when its host is gone.
    await parts.keep(key, known);
    return known;
  }
}

function isOwn(key: string): boolean {
  return ownKinds.includes(parseRecordKey(key)?.kind);
}

function isPartlyShared(key: string): boolean {
  return partlyShared.includes(parseRecordKey(key)?.kind);
}
