import * as z from "zod";
import { DevlatchError, hasCode } from "../../shared/base/errors.ts";
import { AppPorts } from "../../shared/model/sandbox.ts";
import { canBind } from "../processes/ports.ts";
import type { RecordStore } from "../store/contract.ts";
import type { PoolGrant, PoolLocks } from "./contract.ts";

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

/** Distance between two blocks, and the longest search; in ports. */
const stride = 10;
const lastPort = 65_535;
const lockTtlMs = 30_000;
const lockWaitMs = 60_000;

/**
 * Port blocks of this machine: each app's port shifted by the block's offset. One record for all pools, changed under
 * one lock, so that no two sandboxes ever have a port in common; kept over restarts.
 */
export class PortBlocks {
  readonly #locks: PoolLocks;
  readonly #records: RecordStore;
  readonly #machineId: string;

  constructor(locks: PoolLocks, records: RecordStore, machineId: string) {
    this.#locks = locks;
    this.#records = records;
    this.#machineId = machineId;
  }

  /**
   * The sandbox's block: the one it has, where no stranger uses a port of it, with ports for apps that are new; else a
   * new one.
   * @throws DevlatchError `PORT_CONFLICT` when there is no room left, `STORE_UNAVAILABLE`, the signal's reason
   */
  ensure(request: BlockRequest, signal: AbortSignal): Promise<Omit<Block, "pool" | "slot">> {
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
      const block = (known && (await extend(known, bases, taken, signal))) ?? {
        pool,
        slot,
        ...(await findBlock(bases, taken, signal)),
      };
      const next = { ...all, blocks: [...others, block], bases: allBases };
      return { next, result: { offset: block.offset, ports: block.ports } };
    });
  }

  /** Gives up the blocks of every sandbox of this pool that isn't among `slots`. */
  async keepOnly(pool: string, slots: readonly string[], signal: AbortSignal): Promise<void> {
    await this.#edit(signal, async (all) => {
      const blocks = all.blocks.filter((one) => one.pool !== pool || slots.includes(one.slot));
      return { next: { ...all, blocks }, result: undefined };
    });
  }

  #edit<T>(
    signal: AbortSignal,
    change: (all: MachinePorts) => Promise<{ next: MachinePorts; result: T }>,
  ): Promise<T> {
    const terms = { ttlMs: lockTtlMs, waitMs: lockWaitMs, owner: `daemon ${process.pid}, ports`, signal };
    return this.#locks.withLock(`sandbox_ports:{${this.#machineId}}`, terms, (grant) =>
      this.#write(grant, change),
    );
  }

  async #write<T>(
    { fence, signal }: PoolGrant,
    change: (all: MachinePorts) => Promise<{ next: MachinePorts; result: T }>,
  ): Promise<T> {
    const key = `sandbox_ports/${this.#machineId}`;
    const found = await this.#records.get(key);
    const all = found ? MachinePorts.parse(found.value) : { fence, blocks: [], bases: {} };
    if (all.fence > fence) throw lost();
    const { next, result } = await change(all);
    signal.throwIfAborted();
    await this.#records.put(key, { ...next, fence }, found?.version ?? 0).catch((error: unknown) => {
      throw hasCode(error, "RECORD_CONFLICT") ? lost() : error;
    });
    return result;
  }
}

/** The block with ports for all apps; undefined where one of its ports is no longer free. */
async function extend(
  block: Block,
  bases: AppPorts,
  taken: ReadonlySet<number>,
  signal: AbortSignal,
): Promise<Block | undefined> {
  const ports: AppPorts = {};
  for (const [app, port] of Object.entries(block.ports)) {
    if (taken.has(port) || !(await canBind(port))) return undefined;
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

function lost(): DevlatchError {
  return new DevlatchError(
    "LOCK_LOST",
    "The lock of this machine's port blocks was lost: another daemon has changed them meanwhile.",
    "Try again.",
  );
}
