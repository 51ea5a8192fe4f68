import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { Resources } from "../../shared/model/resources.ts";
import { startProgram } from "../support/child.ts";
import { type CliOptions, runCli } from "../support/cli.ts";
import { connectTo } from "../support/daemon.ts";
import { userEnv } from "../support/env.ts";
import { createHome, type TestHome } from "../support/home.ts";
import { runJson } from "../support/json.ts";
import { freePort } from "../support/ports.ts";
import { seeProcess, signalProcess } from "../support/processes.ts";
import { prepareProject } from "../support/projects.ts";
import { waitFor } from "../support/wait.ts";
import type { Answer } from "./answer.ts";

interface Status {
  readonly sessions: readonly { readonly app: string; readonly resources?: Resources }[];
}

const megabyte = 1024 * 1024;
const seldom = { intervalMs: 250 };

/** A server that keeps a core busy, holds 100 MB and has three children. */
const busy = `
  const held = Buffer.alloc(100 * 1024 * 1024, 1);
  require("node:http").createServer((q, s) => s.end("ok " + held.length)).listen(process.env.PORT, "127.0.0.1");
  for (let n = 0; n < 3; n++) require("node:child_process").spawn("sleep", ["300"]);
  setInterval(() => { for (const end = Date.now() + 40; Date.now() < end; ); }, 50);
`;

async function setUp(t: TestContext): Promise<{ home: TestHome; cwd: string; options: CliOptions }> {
  const cwd = await prepareProject("plain", t);
  const home = createHome(t);
  return { home, cwd, options: { home, cwd } };
}

async function resourcesOf(app: string, options: CliOptions): Promise<Resources | undefined> {
  const { sessions } = await runJson<Status>(["status"], options);
  return sessions.find((session) => session.app === app)?.resources;
}

test("the status shows what a running server uses, and nothing of it once it is stopped", async (t) => {
  const { home, cwd, options } = await setUp(t);
  const port = `${await freePort()}`;
  await runJson<Answer>(["start", "web", "--port", port, "--", process.execPath, "-e", busy], options);
  // The server, its three children and its leader. On a busy machine the first figures are of a time before it had them.
  const whole = async () => {
    const found = await resourcesOf("web", options);
    return found?.processes === 5 && found;
  };
  const used = await waitFor("figures of all of it", whole, seldom);
  // All of them and their memory, and less than the two cores there may be.
  assert.ok(used.memoryBytes > 100 * megabyte && used.memoryBytes < 180 * megabyte, `${used.memoryBytes}`);
  await waitFor(
    "CPU",
    async () => {
      const percent = (await resourcesOf("web", options))?.cpuPercent ?? 0;
      assert.ok(percent < 130, `${percent} %`);
      return percent > 15;
    },
    seldom,
  );
  const { stdout } = await runCli(["status", "--long"], options);
  assert.match(stdout, /^ {2}web +ready .*\n +pid \d+ · \d+ % · 1\d\d MB · 5 processes · /m);
  assert.doesNotMatch((await runCli(["status"], options)).stdout, / MB| % /);

  const connection = await connectTo(home);
  t.after(() => connection.dispose());
  const { samples, minutes } = await connection.request("session/resources", { cwd, app: "web" });
  assert.ok(samples.length > 0 && minutes.length > 0);
  assert.ok((minutes.at(-1)?.memoryBytes.max ?? 0) >= used.memoryBytes * 0.5);

  await runJson(["stop", "web"], options);
  assert.equal(await resourcesOf("web", options), undefined);
  const after = await connection.request("session/resources", { cwd, app: "web" });
  assert.ok(after.samples.length >= samples.length, "how it was is still known");
  await assert.rejects(connection.request("session/resources", { cwd, app: "mobile" }), {
    code: "UNKNOWN_APP",
  });
});

test("the next daemon shows them too", async (t) => {
  const { home, options } = await setUp(t);
  await runJson<Answer>(["start", "web", "--port", `${await freePort()}`], options);
  const daemon = seeProcess(home.daemonPid() ?? -1);
  assert.ok(daemon);
  signalProcess(daemon, "SIGKILL");
  await waitFor("the daemon to die", () => seeProcess(daemon.pid) === undefined);
  await runJson(["daemon", "start"], options);
  const used = await waitFor("figures", () => resourcesOf("web", options), seldom);
  assert.ok(used.processes >= 1 && used.memoryBytes > megabyte);
  await runJson(["stop", "web"], options);
});

test("a server that was started by hand is looked at once it is adopted", async (t) => {
  const { cwd, options } = await setUp(t);
  const port = `${await freePort()}`;
  const env = userEnv({ PORT: port });
  const byHand = await startProgram(process.execPath, ["server.js"], { cwd, env });
  t.after(() => byHand.process.kill("SIGKILL"));
  await byHand.printed(/Listening/);
  const start = ["start", "web", "--port", port, "--", process.execPath, "server.js"];
  assert.equal((await runJson<Answer>(start, options)).outcome, "adopted");
  const used = await waitFor("figures", () => resourcesOf("web", options), seldom);
  assert.equal(used.processes, 1);
});
