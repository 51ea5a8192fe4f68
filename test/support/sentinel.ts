import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startProgram } from "./child.ts";
import type { Owner } from "./owner.ts";
import { freePort } from "./ports.ts";
import { ask, type RedisServer, startRedis } from "./redis.ts";
import { waitFor } from "./wait.ts";

/** A primary, its replica and a Sentinel that lets the replica take over when the primary is gone. */
export interface SentinelSet {
  readonly url: string;
  readonly primary: RedisServer;
  readonly replica: RedisServer;
  /** Waits until the replica has everything the primary was told so far. */
  replicated(): Promise<void>;
  /** The one that is the primary now, as far as Sentinel was told by `failOver`. */
  current(): RedisServer;
  /** Has Sentinel let the replica take over, and makes the former primary its replica: returns when that is in step. */
  failOver(): Promise<void>;
  /** From now on the replica hears nothing new. */
  cutReplication(): Promise<void>;
}

/**
 * @param owner ends all of it
 * @param downAfterMs how long the primary is silent before Sentinel takes it for gone, in milliseconds
 */
export async function startSentinelSet(owner: Owner, downAfterMs = 500): Promise<SentinelSet> {
  const atOnce = ["--repl-diskless-sync-delay", "0"];
  const primary = await startRedis({ args: atOnce });
  owner.after(() => primary.stop());
  const replica = await startRedis({ args: [...atOnce, "--replicaof", "127.0.0.1", String(primary.port)] });
  owner.after(() => replica.stop());
  const directory = await mkdtemp(join(tmpdir(), "devlatch-sentinel-"));
  owner.after(() => rm(directory, { recursive: true, force: true }));
  const port = await freePort();
  const settings = [
    `port ${port}`,
    "bind 127.0.0.1",
    `dir ${directory}`,
    `sentinel monitor main 127.0.0.1 ${primary.port} 1`,
    `sentinel down-after-milliseconds main ${downAfterMs}`,
    "sentinel failover-timeout main 2000",
  ];
  const file = join(directory, "sentinel.conf");
  await writeFile(file, `${settings.join("\n")}\n`);
  const sentinel = await startProgram("redis-server", [file, "--sentinel"]);
  owner.after(() => void sentinel.process.kill("SIGKILL"));
  await sentinel.printed(/\+slave/);
  const offset = async (server: RedisServer, name: string) =>
    Number(new RegExp(`^${name}:(\\d+)`, "m").exec(await server.text("INFO", "replication"))?.[1] ?? -1);
  // Sentinel cuts the connections of the one it promotes.
  const role = async (server: RedisServer) =>
    /^role:(\w+)/m.exec(await server.text("INFO", "replication").catch(() => ""))?.[1];
  const linked = (server: RedisServer) =>
    waitFor("the replica to be in step", async () =>
      /master_link_status:up/.test(await server.text("INFO", "replication").catch(() => "")),
    );
  let roles = { primary, replica };
  await linked(replica);
  return {
    url: `redis+sentinel://127.0.0.1:${port}/main`,
    primary,
    replica,
    current: () => roles.primary,
    failOver: async () => {
      const { primary: former, replica: next } = roles;
      const asked = async () =>
        (await ask(port, undefined, ["SENTINEL", "FAILOVER", "main"], false)) === "+OK";
      await waitFor("Sentinel to fail over", asked);
      await waitFor("the replica to take over", async () => (await role(next)) === "master");
      roles = { primary: next, replica: former };
      await former.command("REPLICAOF", "127.0.0.1", String(next.port));
      await linked(former);
    },
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
