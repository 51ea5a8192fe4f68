import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Connection } from "../../../shared/client/connection.ts";
import { ensureDaemon } from "../../../shared/client/daemon.ts";
import type { StartResult } from "../../../shared/protocol/methods.ts";
import { daemonOptions } from "../../support/daemon.ts";
import { createHome, type TestHome } from "../../support/home.ts";
import { type Owner, owning } from "../../support/owner.ts";
import { freePort } from "../../support/ports.ts";
import { prepareProject } from "../../support/projects.ts";
import { startRedis } from "../../support/redis.ts";
import { liveLaunches } from "../../system/launches.ts";
import { atMost, type Row, shown } from "../numbers.ts";
import { callerEnv } from "./place.ts";
import { scaled } from "./rounds.ts";

const daemons = 4;

interface Caller {
  readonly home: TestHome;
  readonly connection: Connection;
}

/** A thousand clients, each with a connection of its own to one of four daemons on one Redis, start one app at once. */
export function storm(effort: number): Promise<Row[]> {
  return owning(async (owner) => {
    const callers = Math.max(2 * daemons, scaled(1_000, effort));
    const redis = await startRedis();
    owner.after(() => redis.stop());
    const homes = Array.from({ length: daemons }, () => createHome(owner));
    const cwd = await prepareSharedProject(owner);
    const connections = await connectAll(homes, callers, redis.url);
    for (const { connection } of connections) owner.after(() => connection.dispose());
    const begun = performance.now();
    const answers = await Promise.all(
      connections.map(({ home, connection }) =>
        connection.request("session/start", { cwd, app: "web", env: callerEnv(home) }),
      ),
    );
    const seconds = (performance.now() - begun) / 1000;
    const live = homes.flatMap((home) => [...liveLaunches(home)]).length;
    const launches = readFileSync(join(cwd, "launches"), "utf8").trim().split("\n").length;
    await connections[0]?.connection.request("session/stop", { cwd, app: "web" });
    return rowsOf(callers, answers, { live, launches, seconds });
  });
}

function rowsOf(
  callers: number,
  answers: readonly StartResult[],
  seen: { live: number; launches: number; seconds: number },
): Row[] {
  const what = `start storm, ${callers.toLocaleString("en")} callers, ${daemons} daemons`;
  const urls = new Set(answers.map(({ url, pid }) => `${url} ${pid}`)).size;
  const started = answers.filter(({ outcome }) => outcome === "started").length;
  return [
    atMost(`${what}: launches`, "all callers", Math.max(seen.launches, seen.live), 1, "launches"),
    atMost(`${what}: different URLs`, "all answers", urls, 1, "URLs"),
    atMost(`${what}: told that they started it`, "all callers", started, 1, "callers"),
    shown(`${what}: the last answer`, "the first question", seen.seconds, "s"),
  ];
}

/** Every launch leaves a line in `launches`. */
async function prepareSharedProject(owner: Owner): Promise<string> {
  const cwd = await prepareProject("plain", owner);
  const command = ["sh", "-c", "echo launched >> launches; exec node server.js"];
  const settings = { sandbox: "bench-box", apps: { web: { command, port: await freePort() } } };
  await writeFile(join(cwd, "devlatch.json"), JSON.stringify(settings));
  return cwd;
}

/** The daemons are started first: what is measured is that all ask at once. */
async function connectAll(
  homes: readonly TestHome[],
  callers: number,
  redisUrl: string,
): Promise<readonly Caller[]> {
  const connect = async (home: TestHome) => {
    const options = daemonOptions(home);
    const program = { ...options.program, env: { DEVLATCH_REDIS_URL: redisUrl } };
    return { home, connection: await ensureDaemon({ ...options, program, redisUrl }) };
  };
  const first = await Promise.all(homes.map(connect));
  const connections = [...first];
  // A few at a time: a handshake has a deadline, and this is one process for all of them.
  while (connections.length < callers) {
    const rest = Math.min(50, callers - connections.length);
    const more = homes.flatMap((home) => Array<TestHome>(Math.ceil(rest / homes.length)).fill(home));
    connections.push(...(await Promise.all(more.slice(0, rest).map(connect))));
  }
  return connections;
}
