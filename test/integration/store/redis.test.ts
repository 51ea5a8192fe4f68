import { readFileSync } from "node:fs";
import { join } from "node:path";
import { openRedisStore } from "../../../daemon/store/redis/store.ts";
import { startCluster } from "../../support/cluster.ts";
import { repository } from "../../support/paths.ts";
import { freePort } from "../../support/ports.ts";
import { type RedisServer, startRedis } from "../../support/redis.ts";
import { waitFor } from "../../support/wait.ts";
import { storeContract } from "./contract-suite.ts";

storeContract("in Redis", async () => {
  const redis = await startRedis();
  return {
    name: "redis",
    open: () => openRedisStore({ url: redis.url, clientName: "devlatch-test" }),
    end: () => redis.stop(),
  };
});

storeContract("in Redis, as the user with the least rights of docs/redis.md", async () => {
  const redis = await startRedis();
  await addLeastUser(redis);
  return {
    name: "least rights",
    open: () =>
      openRedisStore({ url: `redis://devlatch:secret@127.0.0.1:${redis.port}`, clientName: "devlatch-test" }),
    end: () => redis.stop(),
  };
});

storeContract("in a Redis Cluster (of one node: it checks that every script keeps to one slot)", async () => {
  // Its own choice for the second port, 10000 above the first, may not exist.
  const bus = String(await freePort());
  const redis = await startRedis({ args: ["--cluster-enabled", "yes", "--cluster-port", bus] });
  await redis.command("CLUSTER", "ADDSLOTSRANGE", "0", "16383");
  await waitFor("the cluster", async () => (await redis.command("SET", "ready", "1")) === "+OK");
  return {
    name: "cluster",
    open: () => openRedisStore({ url: redis.url, clientName: "devlatch-test" }),
    end: () => redis.stop(),
  };
});

storeContract("in a Redis Cluster of three nodes, as the user with the least rights", async () => {
  const ends: (() => void | Promise<void>)[] = [];
  const { url, primaries } = await startCluster({ after: (end) => void ends.push(end) });
  for (const node of primaries) await addLeastUser(node, ["+cluster|slots", "+cluster|info"]);
  return {
    name: "cluster of three",
    open: () => openRedisStore({ url: url.replace("//", "//devlatch:secret@"), clientName: "devlatch-test" }),
    end: async () => {
      for (const end of ends) await end();
    },
  };
});

/** The user of docs/redis.md. */
async function addLeastUser(redis: RedisServer, more: readonly string[] = []): Promise<void> {
  const page = readFileSync(join(repository, "docs/redis.md"), "utf8");
  const [, rule = ""] = /^ACL SETUSER (.*)$/m.exec(page) ?? [];
  const words = [...rule.replace(">PASSWORD", ">secret").split(" "), ...more];
  const answer = await redis.command("ACL", "SETUSER", ...words);
  if (answer !== "+OK") throw new Error(answer);
}
