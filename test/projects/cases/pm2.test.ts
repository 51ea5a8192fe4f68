import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { runProgram } from "../../support/child.ts";
import { Developer } from "../../support/developer.ts";
import { userEnv } from "../../support/env.ts";
import { createHome } from "../../support/home.ts";
import { freePort } from "../../support/ports.ts";
import { endProcesses, processesWith } from "../../support/processes.ts";
import { prepareCase } from "../../support/projects.ts";
import { waitFor } from "../../support/wait.ts";

/** The project with a pm2 of its own, whose daemon ends with the test. */
async function project(context: TestContext) {
  const cwd = await prepareCase("35-pm2", context);
  const port = await freePort();
  const env = { PM2_HOME: join(dirname(cwd), "pm2") };
  context.after(() => endProcesses(() => processesWith("PM2_HOME", env.PM2_HOME)));
  const developer = new Developer(createHome(context), cwd, env);
  developer.put(
    "server.js",
    `require("http").createServer((q, r) => r.end("pm2")).listen(${port}, () => console.log("up"));\n`,
  );
  developer.put("devlatch.json", JSON.stringify({ apps: { web: { command: "npm run dev", port } } }));
  const pm2 = (...args: string[]) =>
    runProgram(join(cwd, "node_modules/.bin/pm2"), args, { cwd, env: userEnv(env) });
  return { developer, port, pm2 };
}

test("a pm2 whose daemon the start began ends with it", async (context) => {
  const { developer, port } = await project(context);
  assert.equal((await developer.start("web")).port, port);
  await developer.stopsWhole("web", port);
  assert.equal((await developer.start("web")).outcome, "started");
  await developer.stopsWhole("web", port);
});

// The daemon of the user's pm2 ran before, so it isn't ours to end: "stopped" was said of a server that listened again.
// (Without a limit of its own pm2 gives a server up that was ended 16 times: on a fast machine it did so during a stop.)
test("a stop says that the daemon of the user's pm2 starts the server again, and how to end that", async (context) => {
  const { developer, port, pm2 } = await project(context);
  await pm2("ping");
  const started = await developer.start("web");
  const answers = () => fetch(started.url).then((response) => response.text());
  // Also of a server that is known to have been stopped, and before another launch, which pm2 would refuse.
  for (const words of [
    ["stop", "web", "--yes"],
    ["stop", "web", "--yes"],
    ["start", "web"],
  ]) {
    const { code, stdout, stderr } = await developer.types(...words);
    assert.equal(code, 1, `${words.join(" ")}: ${stdout}${stderr}`);
    assert.match(stderr, /came back/);
    assert.match(stderr, /PM2.*God Daemon.*\(pid \d+\), which Devlatch didn't start/);
    assert.match(stderr, /pm2 delete NAME/);
    await waitFor("the server that came back", () => answers().catch(() => undefined));
  }

  assert.equal((await pm2("delete", "web")).code, 0);
  const after = await developer.types("stop", "web", "--yes");
  assert.equal(after.code, 0, after.stdout + after.stderr);
  assert.equal(await answers().catch(() => "gone"), "gone");
  assert.equal((await developer.start("web")).port, port);
});
