import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { SessionView } from "../../shared/model/session.ts";
import { commandLine } from "../support/cli.ts";
import { createHome } from "../support/home.ts";
import { freePort, isPortFree } from "../support/ports.ts";
import { seeProcess } from "../support/processes.ts";
import { prepareProject } from "../support/projects.ts";
import { waitFor } from "../support/wait.ts";
import type { Answer } from "./answer.ts";
import { runJson } from "./json.ts";

/** A server that runs the command line when asked to, as an agent or a script inside of a session does. */
const caller = `
import { spawn } from "node:child_process";
import { createServer } from "node:http";
if (process.argv[2] === "deaf") process.on("SIGTERM", () => {});
createServer((request, response) => {
  const args = new URL(request.url, "http://x").searchParams.getAll("arg");
  const child = spawn(process.execPath, [${JSON.stringify(commandLine)}, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  child.stdout.pipe(response);
}).listen(process.env.PORT, "127.0.0.1");
`;
const plain = `
import { createServer } from "node:http";
createServer((_request, response) => response.end("api")).listen(process.env.PORT, "127.0.0.1");
`;

/** The session `web`, and a daemon and a session `api` that were started from inside of it. */
async function insideOf(context: TestContext, command: string) {
  const home = createHome(context);
  const cwd = await prepareProject("plain", context);
  await writeFile(join(cwd, "caller.mjs"), caller);
  await writeFile(join(cwd, "api.mjs"), plain);
  const web = { command, port: await freePort(), stopTimeoutMs: 500 };
  const apps = { web, api: { command: "node api.mjs", port: await freePort() } };
  await writeFile(join(cwd, "devlatch.json"), JSON.stringify({ apps }));
  const run = <T>(...args: string[]) => runJson<T>([...args, "--cwd", cwd], { home });
  const { pid, url } = await run<Answer>("start", "web");
  const first = home.daemonPid() ?? assert.fail("a daemon runs");
  process.kill(first, "SIGKILL");
  await waitFor("the daemon to be gone", () => home.daemonPid() === undefined);
  const asked = new URL(url);
  for (const arg of ["start", "api", "--json", "--cwd", cwd]) asked.searchParams.append("arg", arg);
  const api = (await fetch(asked).then((answer) => answer.json())) as Answer;
  const daemon = seeProcess(home.daemonPid() ?? -1) ?? assert.fail("a daemon runs");
  const host = seeProcess(pid)?.ppid ?? assert.fail("web runs");
  assert.equal(daemon.ppid, host, "an orphan comes back to the session's host: it looks like one of its own");
  return { run, web: { pid, host, port: web.port }, api, daemon };
}

type Inside = Awaited<ReturnType<typeof insideOf>>;

/** Daemon and `api` are as they were, and nothing of `web` is left. */
async function expectOnlyWebGone({ run, web, api, daemon }: Inside): Promise<void> {
  assert.equal(seeProcess(daemon.pid)?.startTime, daemon.startTime, "the daemon lives");
  assert.equal(await fetch(api.url).then((answer) => answer.text()), "api");
  assert.equal(seeProcess(web.pid), undefined);
  assert.ok(await isPortFree(web.port));
  const { sessions } = await run<{ sessions: SessionView[] }>("status");
  const states = sessions.map(({ app, state }) => [app, state.kind]);
  assert.deepEqual(
    states.find(([app]) => app === "api"),
    ["api", "ready"],
  );
  assert.equal((await run<Answer>("start", "api")).pid, api.pid);
}

test("a stop leaves alone the daemon that was started from inside of the session, and its other servers", async (context) => {
  const inside = await insideOf(context, "node caller.mjs");
  await inside.run("stop", "web");
  await expectOnlyWebGone(inside);
});

test("so does a stop that has to kill, which freezes all of a tree first", async (context) => {
  const inside = await insideOf(context, "node caller.mjs deaf");
  await inside.run("stop", "web");
  await expectOnlyWebGone(inside);
});

test("so does what cleans up after a session whose host was killed", async (context) => {
  const inside = await insideOf(context, "node caller.mjs");
  process.kill(inside.web.host, "SIGKILL");
  await waitFor("web to be gone", () => seeProcess(inside.web.pid) === undefined);
  await waitFor("its port to be free", () => isPortFree(inside.web.port));
  await expectOnlyWebGone(inside);
});
