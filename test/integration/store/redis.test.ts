import { openRedisStore } from "../../../daemon/store/redis/store.ts";
import { freePort } from "../../support/ports.ts";
import { startRedis } from "../../support/redis.ts";
import { waitFor } from "../../support/wait.ts";
import { storeContract } from "./contract.ts";

storeContract("in Redis", async () => {
  const redis = await startRedis();
  return {
    name: "redis",
    open: () => openRedisStore({ url: redis.url, clientName: "devlatch-test" }),
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
