import * as z from "zod";
import type { Disposable } from "../../shared/base/disposable.ts";
import { DevlatchError } from "../../shared/base/errors.ts";
import type { Log } from "../../shared/base/log.ts";
import { portsLockKey } from "../../shared/model/keys.ts";
import { AppPorts } from "../../shared/model/sandbox.ts";
import type { ExclusiveLocks, LockGrant } from "../locks/lock-service.ts";
import { canBind, lastPort } from "../processes/ports.ts";
import { RecordTable } from "../store/record-table.ts";
import type { RecordStore } from "../store/store.ts";

/** The ports of one sandbox of any pool on this machine. */
const Block = z.object({ pool: z.string(), slot: z.string(), offset: z.int(), ports: AppPorts });
type Block = z.infer<typeof Block>;

/** Every block of this machine, and the ports that the checkouts themselves use. */
const MachinePorts = z.object({
  fence: z.number(),
  blocks: z.array(Block),
  bases: z.record(z.string(), z.array(z.int())),
});
type MachinePorts = z.infer<typeof MachinePorts>;

/** What a block is asked for. */
export interface BlockRequest {
  readonly pool: string;
  readonly slot: string;
  /** The pool's sandboxes; blocks of any others of this pool are given up. */
  readonly slots: readonly string[];
  /** Each app's port in the checkout itself. */
  readonly bases: Readonly<AppPorts>;
}

/** Distance between two blocks, in ports. */
const stride = 10;
const lockTtlMs = 30_000;
const lockWaitMs = 60_000;

/**
 * Port blocks of this machine: each app's port shifted by the block's offset. One record for all pools, changed under
 * one lock, so that no two sandboxes ever have a port in common; kept over restarts.
 */
export class PortBlocks implements Disposable {
  readonly #locks: ExclusiveLocks;
  readonly #records: RecordTable<MachinePorts>;
  readonly #machineId: string;

  constructor(locks: ExclusiveLocks, store: RecordStore, machineId: string, log: Log) {
    const keyOf = () => machineId;
    this.#locks = locks;
    this.#records = new RecordTable(store, { kind: "sandbox_ports", schema: MachinePorts, keyOf }, log);
    this.#machineId = machineId;
  }

  /**
   * The sandbox's block: the one it has, where no stranger uses a port of it, with ports for apps that are new; else a
   * new one.
   * @throws DevlatchError `PORT_CONFLICT` when there is no room left, `STORE_UNAVAILABLE`, the signal's reason
   */
  ensure(request: BlockRequest, signal: AbortSignal): Promise<Omit<Block, "pool" | "slot">> {
    return this.#ensure(request, signal, false);
  }

  #ensure(request: BlockRequest, signal: AbortSignal, stays: boolean): Promise<Omit<Block, "pool" | "slot">> {
    return this.#edit(signal, async (all) => {
      const { pool, slot, slots, bases } = request;
      const others = all.blocks.filter(
        (one) => one.pool !== pool || (slots.includes(one.slot) && one.slot !== slot),
      );
      const known = all.blocks.find((one) => one.pool === pool && one.slot === slot);
      const allBases = { ...all.bases, [pool]: Object.values(bases) };
      const taken = new Set([
        ...others.flatMap(({ ports }) => Object.values(ports)),
        ...Object.values(allBases).flat(),
      ]);
      const block = (known && (await extend(known, bases, { taken, stays }, signal))) ?? {
        pool,
        slot,
        ...(await findBlock(bases, taken, signal)),
      };
      const next = { ...all, blocks: [...others, block], bases: allBases };
      return { next, result: { offset: block.offset, ports: block.ports } };
    });
  }

  /**
   * As {@link ensure}, but a block stays what it is, also where its ports are in use: servers of the sandbox itself may run.
   * @throws DevlatchError as {@link ensure}
   */
  keep(request: BlockRequest, signal: AbortSignal): Promise<Omit<Block, "pool" | "slot">> {
    const { pool, slot, bases } = request;
    const known = this.#records
      .peek(this.#machineId)
      ?.blocks.find((one) => one.pool === pool && one.slot === slot);
    const has = known && Object.keys(bases).every((app) => known.ports[app] !== undefined);
    if (has) return Promise.resolve({ offset: known.offset, ports: known.ports });
    return this.#ensure(request, signal, true);
  }

  /** The block that a sandbox has by now. @throws DevlatchError `STORE_UNAVAILABLE` */
  async known(pool: string, slot: string): Promise<Omit<Block, "pool" | "slot"> | undefined> {
    const all = this.#records.peek(this.#machineId) ?? (await this.#records.read(this.#machineId));
    return all?.blocks.find((one) => one.pool === pool && one.slot === slot);
  }

  /** Gives up the blocks of every sandbox of this pool that isn't among `slots`. */
  async keepOnly(pool: string, slots: readonly string[], signal: AbortSignal): Promise<void> {
    await this.#edit(signal, async (all) => {
      const blocks = all.blocks.filter((one) => one.pool !== pool || slots.includes(one.slot));
      return { next: { ...all, blocks }, result: undefined };
    });
  }

  dispose(): void {
    this.#records.dispose();
  }

  #edit<T>(
    signal: AbortSignal,
    change: (all: MachinePorts) => Promise<{ next: MachinePorts; result: T }>,
  ): Promise<T> {
    const terms = { ttlMs: lockTtlMs, waitMs: lockWaitMs, owner: `daemon ${process.pid}, ports`, signal };
    return this.#locks.withLock(portsLockKey(this.#machineId), terms, (grant) => this.#write(grant, change));
  }

  async #write<T>(
    { fence, signal }: LockGrant,
    change: (all: MachinePorts) => Promise<{ next: MachinePorts; result: T }>,
  ): Promise<T> {
    const found = await this.#records.readUnder(fence, this.#machineId);
    const { next, result } = await change(found ?? { fence, blocks: [], bases: {} });
    signal.throwIfAborted();
    await this.#records.replace(found, { ...next, fence });
    return result;
  }
}

/** The block with ports for all apps; undefined where one of its ports is no longer free, unless it stays anyhow. */
async function extend(
  block: Block,
  bases: AppPorts,
  { taken, stays }: { readonly taken: ReadonlySet<number>; readonly stays: boolean },
  signal: AbortSignal,
): Promise<Block | undefined> {
  const ports: AppPorts = {};
  for (const [app, port] of Object.entries(block.ports)) {
    if (!stays && (taken.has(port) || !(await canBind(port)))) return undefined;
    ports[app] = port;
  }
  for (const [app, base] of Object.entries(bases)) {
    if (ports[app] !== undefined) continue;
    let port = base + block.offset;
    while (taken.has(port) || Object.values(ports).includes(port) || !(await canBind(port))) {
      signal.throwIfAborted();
      if (++port > lastPort) return undefined;
    }
    ports[app] = port;
  }
  return { ...block, ports };
}

async function findBlock(
  bases: AppPorts,
  taken: ReadonlySet<number>,
  signal: AbortSignal,
): Promise<{ offset: number; ports: AppPorts }> {
  const highest = Math.max(...Object.values(bases));
  for (let offset = stride; highest + offset <= lastPort; offset += stride) {
    signal.throwIfAborted();
    const ports = shift(bases, offset);
    if (await areFree(Object.values(ports), taken)) return { offset, ports };
  }
  throw new DevlatchError(
    "PORT_CONFLICT",
    `There is no room above port ${highest} for another sandbox's ports.`,
    "Give the apps lower ports in devlatch.json, or release sandboxes that are no longer needed.",
  );
}

/** Each app's port shifted; apps that wish for the same port get the next ones up. */
function shift(bases: AppPorts, offset: number): AppPorts {
  const ports: AppPorts = {};
  for (const [app, base] of Object.entries(bases)) {
    let port = base + offset;
    while (Object.values(ports).includes(port)) port++;
    ports[app] = port;
  }
  return ports;
}

async function areFree(ports: readonly number[], taken: ReadonlySet<number>): Promise<boolean> {
  if (ports.some((port) => port > lastPort || taken.has(port))) return false;
  for (const port of ports) if (!(await canBind(port))) return false;
  return true;
}
