import assert from "node:assert/strict";
import { test } from "node:test";
import { connectTo } from "../support/daemon.ts";
import { userEnv } from "../support/env.ts";
import { createHome } from "../support/home.ts";
import { runJson } from "../support/json.ts";
import { owning } from "../support/owner.ts";
import { freePort } from "../support/ports.ts";
import { allProcesses } from "../support/processes.ts";
import { prepareProject } from "../support/projects.ts";

test("a test's home ends with its servers, also where their caller's environment names no home", async (context) => {
  const cwd = await prepareProject("plain", context);
  const here = () => allProcesses().filter(({ command }) => command.includes(cwd));
  await owning(async (owner) => {
    const home = createHome(owner);
    await runJson(["daemon", "start"], { home });
    const connection = await connectTo(home);
    owner.after(() => connection.dispose());
    const port = await freePort();
    const env = Object.fromEntries(
      Object.entries(userEnv()).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
    );
    const command = [process.execPath, `${cwd}/server.js`];
    const started = await connection.request("session/start", { cwd, app: "web", command, port, env });
    assert.equal(started.state, "ready");
    assert.ok(here().length > 0);
  });
  assert.deepEqual(here(), []);
});
