/**
 * Many callers of one run in one process: several connections, each with many requests at once. Says `landed` once
 * every request has an execution, then prints every result as one JSON array.
 */
import { randomToken } from "../../../shared/base/token.ts";
import { connect } from "../../../shared/client/connect.ts";
import type { Connection } from "../../../shared/client/connection.ts";
import { locateHome } from "../../../shared/client/home.ts";
import { readDaemonState, readToken } from "../../../shared/client/state-file.ts";

const [cwd = "", connections = "1", requests = "1", key = "", ...command] = process.argv.slice(2);

async function open(): Promise<Connection> {
  const home = locateHome();
  const state = readDaemonState(home);
  if (!state) throw new Error("no daemon runs");
  const client = { kind: "test", name: "callers", pid: process.pid, trusted: true } as const;
  return connect({ address: state.address, token: readToken(home) ?? "", client, build: "test" });
}

async function start(connection: Connection) {
  const { outcome, run } = await connection.request("run/start", {
    cwd,
    key,
    command,
    callId: randomToken(),
    env: { PATH: process.env["PATH"] ?? "" },
  });
  const { fence, launchId } = run;
  return { outcome, fence, launchId };
}

async function end(connection: Connection, started: Awaited<ReturnType<typeof start>>) {
  for (;;) {
    const place = { cwd, key, launchId: started.launchId };
    const ended = await connection.request("run/wait", { ...place, waitMs: 25_000 });
    if (ended) return { ...started, exitCode: ended.kind === "ended" ? ended.exitCode : null };
  }
}

const opened = await Promise.all(Array.from({ length: Number(connections) }, open));
const callers = opened.flatMap((connection) => Array.from({ length: Number(requests) }, () => connection));
const started = await Promise.all(
  callers.map(async (connection) => [connection, await start(connection)] as const),
);
console.log("landed");
const results = await Promise.all(started.map(([connection, one]) => end(connection, one)));
console.log(JSON.stringify(results));
for (const connection of opened) connection.dispose();
