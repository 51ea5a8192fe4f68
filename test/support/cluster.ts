import type { Owner } from "./owner.ts";
import { freePort } from "./ports.ts";
import { type RedisServer, startRedis } from "./redis.ts";
import { waitFor } from "./wait.ts";

/** A Redis Cluster of three primaries, and a replica of the first where wanted. */
export interface RedisCluster {
  readonly url: string;
  readonly primaries: readonly RedisServer[];
  readonly replica: RedisServer | undefined;
}

const slots = [
  [0, 5_460],
  [5_461, 10_922],
  [10_923, 16_383],
] as const;

/** @param owner ends all of it */
export async function startCluster(owner: Owner, options: { replica?: boolean } = {}): Promise<RedisCluster> {
  const primaries = await Promise.all(slots.map(() => startNode(owner)));
  const [first] = primaries;
  if (!first) throw new Error("A cluster without nodes");
  for (const [index, node] of primaries.entries()) {
    await node.command("CLUSTER", "ADDSLOTSRANGE", ...(slots[index] ?? []).map(String));
    await node.command("CLUSTER", "SET-CONFIG-EPOCH", String(index + 1));
    if (node !== first) await meet(first, node);
  }
  const replica = options.replica ? await startNode(owner) : undefined;
  const all = replica ? [...primaries, replica] : primaries;
  if (replica) await meet(first, replica);
  const isComplete = async (node: RedisServer) => {
    const info = await node.text("CLUSTER", "INFO");
    return /cluster_state:ok/.test(info) && info.includes(`cluster_known_nodes:${all.length}`);
  };
  await waitFor("the cluster", async () => (await Promise.all(all.map(isComplete))).every(Boolean));
  if (replica) {
    await replica.command("CLUSTER", "REPLICATE", (await first.text("CLUSTER", "MYID")).trim());
    const isInSync = async () =>
      (await replica.text("INFO", "replication")).includes("master_link_status:up");
    await waitFor("the replica", isInSync);
  }
  const url = `redis+cluster://${primaries.map(({ port }) => `127.0.0.1:${port}`).join(",")}`;
  return { url, primaries, replica };
}

async function startNode(owner: Owner): Promise<RedisServer> {
  // Its own choice for the second port, 10000 above the first, may not exist.
  const bus = String(await freePort());
  const args = ["--cluster-enabled", "yes", "--cluster-port", bus, "--cluster-node-timeout", "1500"];
  const node = await startRedis({ args });
  owner.after(() => node.stop());
  return node;
}

async function meet(one: RedisServer, other: RedisServer): Promise<void> {
  const info = await other.text("CLUSTER", "NODES");
  const bus = /@(\d+)/.exec(info)?.[1] ?? "";
  await one.command("CLUSTER", "MEET", "127.0.0.1", String(other.port), bus);
}
