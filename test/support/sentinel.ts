import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startProgram } from "./child.ts";
import type { Owner } from "./owner.ts";
import { freePort } from "./ports.ts";
import { type RedisServer, startRedis } from "./redis.ts";
import { waitFor } from "./wait.ts";

/** A primary, its replica and a Sentinel that lets the replica take over half a second after the primary is gone. */
export interface SentinelSet {
  readonly url: string;
  readonly primary: RedisServer;
  readonly replica: RedisServer;
  /** Waits until the replica has everything the primary was told so far. */
  replicated(): Promise<void>;
  /** From now on the replica hears nothing new. */
  cutReplication(): Promise<void>;
}

/** @param owner ends all of it */
export async function startSentinelSet(owner: Owner): Promise<SentinelSet> {
  const primary = await startRedis();
  owner.after(() => primary.stop());
  const replica = await startRedis({ args: ["--replicaof", "127.0.0.1", String(primary.port)] });
  owner.after(() => replica.stop());
  const directory = await mkdtemp(join(tmpdir(), "devlatch-sentinel-"));
  owner.after(() => rm(directory, { recursive: true, force: true }));
  const port = await freePort();
  const settings = [
    `port ${port}`,
    "bind 127.0.0.1",
    `dir ${directory}`,
    `sentinel monitor main 127.0.0.1 ${primary.port} 1`,
    "sentinel down-after-milliseconds main 500",
    "sentinel failover-timeout main 2000",
  ];
  const file = join(directory, "sentinel.conf");
  await writeFile(file, `${settings.join("\n")}\n`);
  const sentinel = await startProgram("redis-server", [file, "--sentinel"]);
  owner.after(() => void sentinel.process.kill("SIGKILL"));
  await sentinel.printed(/\+slave/, 20_000);
  const offset = async (server: RedisServer, name: string) =>
    Number(new RegExp(`^${name}:(\\d+)`, "m").exec(await server.text("INFO", "replication"))?.[1] ?? -1);
  return {
    url: `redis+sentinel://127.0.0.1:${port}/main`,
    primary,
    replica,
    cutReplication: async () => {
      // A primary without a password refuses one that gives some.
      await replica.command("CONFIG", "SET", "masterauth", "wrong");
      await primary.command("CLIENT", "KILL", "TYPE", "replica");
    },
    replicated: async () => {
      const told = await offset(primary, "master_repl_offset");
      await waitFor("the replica", async () => (await offset(replica, "slave_repl_offset")) >= told);
    },
  };
}
