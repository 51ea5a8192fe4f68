import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { StatusResult } from "../../../shared/protocol/methods.ts";
import { leftToCampaign } from "../../support/campaign.ts";
import { commandLine } from "../../support/cli.ts";
import { freePort, isPortFree } from "../../support/ports.ts";
import { hostOf, seeProcess } from "../../support/processes.ts";
import { waitFor } from "../../support/wait.ts";
import type { Answer } from "../answer.ts";
import { inWorld, type World } from "./world.ts";

/** A server that runs a program when asked to, as an agent or a script inside of a session does. */
const caller = `
import { spawn } from "node:child_process";
import { createServer } from "node:http";
if (process.argv[2] === "deaf") process.on("SIGTERM", () => {});
createServer((request, response) => {
  const [program, ...args] = new URL(request.url, "http://x").searchParams.getAll("arg");
  if (program === undefined) return response.end("ours");
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "inherit"] });
  response.write(child.pid + "\\n");
  child.stdout.pipe(response);
}).listen(process.env.PORT, "127.0.0.1");
`;
const plain = `
import { createServer } from "node:http";
createServer((_request, response) => response.end("api")).listen(process.env.PORT, "127.0.0.1");
`;
const options = (...args: readonly string[]) => ({
  server: caller,
  app: { command: ["node", "server.js", ...args], stopTimeoutMs: 500 },
});

function ask(url: string, ...args: readonly string[]): Promise<Response> {
  const asked = new URL(url);
  for (const arg of args) asked.searchParams.append("arg", arg);
  return fetch(asked);
}

/** The session `web`, and a daemon and a session `api` that were started from inside of it. */
async function insideOf(world: World) {
  writeFileSync(join(world.cwd, "api.js"), plain);
  const file = join(world.cwd, "devlatch.json");
  const { apps } = JSON.parse(readFileSync(file, "utf8"));
  const api = { command: "node api.js", port: await freePort() };
  writeFileSync(file, JSON.stringify({ apps: { ...apps, api } }));
  const { pid, url, sandboxId } = await world.ok<Answer>(["start", "web"]);
  await world.endDaemon();
  const start = await ask(url, process.execPath, commandLine, "start", "api", "--json", "--cwd", world.cwd);
  const [, ...printed] = (await start.text()).split("\n");
  const daemon = seeProcess(world.home.daemonPid() ?? -1) ?? assert.fail("a daemon runs");
  const host = hostOf(pid) ?? assert.fail("web runs");
  // It looks like one of the session's own then.
  await waitFor("the orphan to come back to the session's host", () => seeProcess(daemon.pid)?.ppid === host);
  return { web: { pid, url, host, sandboxId }, api: JSON.parse(printed.join("\n")) as Answer, daemon };
}

type Inside = Awaited<ReturnType<typeof insideOf>>;

/** Waits until the host has looked at its tree again: whom it takes for its own by then stands in its ledger. */
async function nextLook(world: World, { web }: Inside): Promise<void> {
  const answer = await ask(web.url, "sleep", "1000");
  const { value } = (await answer.body?.getReader().read()) ?? {};
  const pid = Number(Buffer.from(value ?? []).toString());
  const ledger = join(world.home.directory, "sessions", web.sandboxId, "dev_server_web", "ledger.json");
  await waitFor("the look", () => readFileSync(ledger, "utf8").includes(`"pid":${pid},`));
}

/** Daemon and `api` are as they were, and nothing of `web` is left. */
async function expectOnlyWebGone(world: World, { web, api, daemon }: Inside): Promise<void> {
  await waitFor("web to be gone", () => seeProcess(web.pid) === undefined);
  await waitFor("its port to be free", () => isPortFree(world.port));
  assert.equal(seeProcess(daemon.pid)?.startTime, daemon.startTime, "the daemon lives");
  assert.equal(await fetch(api.url).then((answer) => answer.text()), "api");
  const { sessions } = await world.ok<StatusResult>(["status"]);
  const found = sessions.find(({ app }) => app === "api");
  assert.equal(found?.state.kind, "ready");
  assert.equal((await world.ok<Answer>(["start", "api"])).pid, api.pid);
}

test(
  "a stop leaves alone the daemon that was started from inside of the session, and its other servers",
  inWorld(options(), async (world) => {
    const inside = await insideOf(world);
    await world.ok(["stop", "web"]);
    await expectOnlyWebGone(world, inside);
  }),
);

test(
  "so does a stop that has to kill, which freezes all of a tree first",
  { skip: leftToCampaign },
  inWorld(options("deaf"), async (world) => {
    const inside = await insideOf(world);
    await world.ok(["stop", "web"]);
    await expectOnlyWebGone(world, inside);
  }),
);

test(
  "so does what cleans up after a session whose host was killed, by what that host had seen",
  { skip: leftToCampaign },
  inWorld(options(), async (world) => {
    const inside = await insideOf(world);
    await nextLook(world, inside);
    process.kill(inside.web.host, "SIGKILL");
    await expectOnlyWebGone(world, inside);
  }),
);
