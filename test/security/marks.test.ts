import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { leftToCampaign } from "../support/campaign.ts";
import { commandLine } from "../support/cli.ts";
import { createHome } from "../support/home.ts";
import { hostOf, type SeenProcess, seeProcess } from "../support/processes.ts";
import { waitFor } from "../support/wait.ts";
import type { Answer } from "../system/answer.ts";
import { inWorld, type World } from "../system/faults/world.ts";

/** Who a child says it is, in its environment and its last argument, and how it leaves its parent. */
interface Stray {
  readonly env: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
  /** Its parent ends at once: it is the session host's then. */
  readonly orphan?: boolean;
}

const strays: Readonly<Record<string, Stray>> = {
  "an invented launch": { env: { DEVLATCH_LAUNCH: "invented" } },
  "an invented launch, orphaned": { env: { DEVLATCH_LAUNCH: "invented" }, orphan: true },
  "the launch of a host that is gone": { env: { DEVLATCH_LAUNCH: "gone" }, orphan: true },
  "an invented host": { env: { DEVLATCH_HOST: "invented.0123456789abcdef" } },
  "the host that is gone, orphaned": { env: { DEVLATCH_HOST: "gone.0123456789abcdef" }, orphan: true },
  "a daemon": { env: { DEVLATCH_DAEMON: "1" }, args: ["--", "--devlatch"] },
  "a daemon, orphaned": { env: { DEVLATCH_DAEMON: "1" }, args: ["--", "--devlatch"], orphan: true },
};

/** Serves, and starts each of its strays in a session of its own; each writes its pid, deaf to SIGTERM where asked. */
const server = `
import { spawn } from "node:child_process";
import { createServer } from "node:http";
const [node, mode] = [process.execPath, process.argv[2]];
const stray = (file) => (mode === "deaf" ? "process.on('SIGTERM', () => {});" : "") +
  "require('fs').writeFileSync(" + JSON.stringify(file) + ", String(process.pid)); setInterval(() => {}, 1000)";
const cleared = ({ DEVLATCH_LAUNCH, DEVLATCH_SESSION, ...env }) => env;
let number = 0;
for (const { env, args = [], orphan } of ${JSON.stringify(Object.values(strays))}) {
  const [argv, how] = [["-e", stray("stray-" + number++ + ".pid"), ...args], { detached: true, stdio: "ignore" }];
  const all = { ...cleared(process.env), ...env };
  if (!orphan) spawn(node, argv, { ...how, env: all });
  else spawn(node, ["-e", "require('child_process').spawn(process.execPath, " + JSON.stringify(argv) + ", " +
    JSON.stringify({ ...how, env: all }) + ").unref()"], how);
}
createServer((request, response) => response.end("ours")).listen(process.env.PORT, "127.0.0.1");
`;

function options(...args: readonly string[]) {
  return { server, app: { command: ["node", "server.js", ...args], stopTimeoutMs: 500 } };
}

/** A host that once was: its description is still there, its process isn't. */
function leaveDescription(world: World, sandboxId: string): void {
  const directory = join(world.home.directory, "sessions", sandboxId, "dev_server_gone");
  mkdirSync(directory, { mode: 0o700 });
  const gone = { pid: process.pid, startTime: "another boot:1" };
  const description = { session: "dev_server_gone", launchId: "gone", fence: 1, host: gone, leader: gone };
  writeFileSync(join(directory, "host.json"), JSON.stringify({ ...description, startedAt: 1 }));
}

async function straysOf(world: World): Promise<SeenProcess[]> {
  const files = Object.keys(strays).map((_, number) => join(world.cwd, `stray-${number}.pid`));
  const pidIn = (file: string) => (existsSync(file) ? Number(readFileSync(file, "utf8")) : 0);
  await waitFor("the strays", () => files.every((file) => pidIn(file) > 0));
  return files.map((file) => seeProcess(pidIn(file)) ?? assert.fail("a stray runs"));
}

/** Names of the strays that still live. */
function left(found: readonly SeenProcess[]): string[] {
  const lives = found.map(({ pid, startTime }) => seeProcess(pid)?.startTime === startTime);
  return Object.keys(strays).filter((_, number) => lives[number]);
}

for (const [how, args] of [
  ["a stop", []],
  ["a stop that has to kill", ["deaf"]],
] as const) {
  test(
    `${how} ends the children that claim to be another's`,
    inWorld(options(...args), async (world) => {
      const { sandboxId } = await world.ok<Answer>(["start", "web"]);
      leaveDescription(world, sandboxId);
      const found = await straysOf(world);
      await world.ok(["stop", "web"]);
      assert.deepEqual(left(found), []);
    }),
  );
}

test(
  "so does what cleans up after a session whose host was killed, as far as it had seen them",
  { skip: leftToCampaign },
  inWorld(options(), async (world) => {
    const { pid, sandboxId } = await world.ok<Answer>(["start", "web"]);
    leaveDescription(world, sandboxId);
    const found = await straysOf(world);
    const host = seeProcess(hostOf(pid) ?? -1) ?? assert.fail("a host runs");
    const ledger = join(world.home.directory, "sessions", sandboxId, "dev_server_web", "ledger.json");
    const isSeen = (stray: SeenProcess) => readFileSync(ledger, "utf8").includes(`"pid":${stray.pid},`);
    await waitFor("the ledger", () => found.every(isSeen));
    process.kill(host.pid, "SIGKILL");
    await waitFor("them to be gone", () => left(found).length === 0);
  }),
);

/** A daemon of another home can't be told from an invented one: it is a program of the session like any other. */
const launcher = (other: string) => `
import { spawn } from "node:child_process";
import { createServer } from "node:http";
spawn(process.execPath, [${JSON.stringify(commandLine)}, "daemon", "start"],
  { stdio: "ignore", env: { ...process.env, DEVLATCH_HOME: ${JSON.stringify(other)} } });
createServer((request, response) => response.end("ours")).listen(process.env.PORT, "127.0.0.1");
`;

test("a stop ends a daemon of another home that was started inside of the session", async (t) => {
  const other = createHome(t);
  await inWorld({ server: launcher(other.directory) }, async (world) => {
    await world.ok(["start", "web"]);
    const pid = await waitFor("the other daemon", () => other.daemonPid());
    world.mayBeSignalled.add(pid);
    await world.ok(["stop", "web"]);
    assert.equal(seeProcess(pid), undefined);
  })(t);
});
