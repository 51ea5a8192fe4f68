import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { TestContext } from "node:test";
import type { SessionView } from "../../shared/model/session.ts";
import type { StatusResult } from "../../shared/protocol/methods.ts";
import { createHome, type TestHome } from "../support/home.ts";
import { runJson } from "../support/json.ts";
import { freePort } from "../support/ports.ts";
import { prepareProject } from "../support/projects.ts";
import { type RedisServer, startRedis } from "../support/redis.ts";

export type Json = Record<string, unknown>;

/** A project, a daemon on a Redis, and an intruder who can write there and do nothing else. */
export interface HostileRedis {
  readonly redis: RedisServer;
  readonly home: TestHome;
  readonly cwd: string;
  readonly port: number;
  readonly env: NodeJS.ProcessEnv;
  run<T>(words: readonly string[]): Promise<T>;
  session(app?: string): Promise<SessionView | undefined>;
  /** The keys of all records. */
  keys(): Promise<readonly string[]>;
  /** A record as it stands in Redis: its version, and its JSON. */
  read(key: string): Promise<{ readonly version: number; readonly text: string; readonly value: Json }>;
  /** Writes a record as a daemon would, and tells every daemon. */
  forge(key: string, value: unknown, version?: number): Promise<void>;
  forgeText(key: string, text: string): Promise<void>;
}

const [values, index] = ["devlatch:{records}:values", "devlatch:{records}:index"];

export async function hostileRedis(t: TestContext, app: Json = {}): Promise<HostileRedis> {
  const redis = await startRedis();
  t.after(() => redis.stop());
  const home = createHome(t);
  const cwd = await prepareProject("plain", t);
  const port = await freePort();
  await writeFile(join(cwd, "devlatch.json"), JSON.stringify({ apps: { web: { port, ...app } } }));
  const env = { DEVLATCH_REDIS_URL: redis.url };
  const run = <T>(words: readonly string[]) => runJson<T>([...words, "--cwd", cwd], { home, env });
  const forgeText = async (key: string, text: string) => {
    await redis.command("HSET", values, key, text);
    await redis.command("ZADD", index, "0", key);
    await redis.command("PUBLISH", "devlatch:changed", `intruder ${key}`);
  };
  return {
    ...{ redis, home, cwd, port, env, run, forgeText },
    session: async (name = "web") => {
      const { sessions } = await run<StatusResult>(["status"]);
      return sessions.find((one) => one.app === name);
    },
    keys: async () => {
      // A sorted set has no command that answers with one text.
      const script = "return table.concat(redis.call('ZRANGE', KEYS[1], 0, -1), ' ')";
      return (await redis.text("EVAL", script, "1", index)).trim().split(" ").filter(Boolean);
    },
    read: async (key) => {
      const text = (await redis.text("HGET", values, key)).replace(/\r\n$/, "");
      const [, version, json] = /^(\d+) \S+ (.*)$/s.exec(text) ?? [];
      if (json === undefined) throw new Error(`no record ${key}: ${text}`);
      return { version: Number(version), text: json, value: JSON.parse(json) as Json };
    },
    forge: (key, value, version = Date.now() * 1_000) =>
      forgeText(key, `${version} intruder ${JSON.stringify(value)}`),
  };
}

/** A whole record of a session, as an intruder who has read this source would write it. */
export function forgedSession(sandboxId: string, root: string, more: Json): Json {
  return {
    ...{ session: "dev_server_web", app: "web", sandboxId, root, fence: 1 },
    settings: { command: ["node", "server.js"], cwd: root, env: {}, port: 3000 },
    stop: { signal: "SIGTERM", timeoutMs: 2_000 },
    ...{ restart: "never", restarts: 0, startedAt: Date.now() },
    ...more,
  };
}
