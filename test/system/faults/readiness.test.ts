import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { HealthReport } from "../../../shared/model/health.ts";
import type { ThreadPage } from "../../../shared/model/thread.ts";
import { isPortFree } from "../../support/ports.ts";
import { seeProcess } from "../../support/processes.ts";
import { waitFor } from "../../support/wait.ts";
import type { Answer } from "../answer.ts";
import { inWorld, plainServer } from "./world.ts";

const messages = async (world: { ok<T>(args: readonly string[]): Promise<T> }) =>
  (await world.ok<ThreadPage>(["logs", "web", "--limit", "5000"])).messages.map(({ text }) => text);

test(
  "a server that listens and never answers isn't ready: the start fails at its deadline and leaves it to be stopped",
  inWorld(
    {
      server: `require("node:net").createServer(() => {}).listen(process.env.PORT, "127.0.0.1")`.replace(
        "require(",
        "process.getBuiltinModule(",
      ),
    },
    async (world) => {
      const error = await world.refused(["start", "web", "--timeout", "20"]);
      assert.deepEqual([error.code, error.exit], ["DEADLINE", 5]);
      assert.match(error.message, new RegExp(`listens on port ${world.port} but didn't answer`));
      assert.equal(world.launches(), 1);
      await world.ok(["stop", "web"]);
      assert.deepEqual([world.launches(), await isPortFree(world.port)], [0, true]);
    },
  ),
);

test(
  "a server that answers 500 is ready, and shown as unwell",
  inWorld({ server: plainServer.replace("response.end", "response.writeHead(500).end") }, async (world) => {
    assert.equal((await world.ok<Answer>(["start", "web"])).state, "ready");
    const { components } = await world.ok<HealthReport>(["health"]);
    assert.equal(components.servers.status, "warning");
    assert.match(components.servers.summary, /web of \S+ answers with 500/);
    await world.ok(["stop", "web"]);
  }),
);

test(
  "a server that hangs up on every connection isn't ready",
  inWorld(
    {
      server: `process.getBuiltinModule("node:net").createServer((s) => s.destroy()).listen(process.env.PORT, "127.0.0.1")`,
    },
    async (world) => {
      const error = await world.refused(["start", "web", "--timeout", "2"]);
      assert.equal(error.code, "DEADLINE");
      await world.ok(["stop", "web"]);
      assert.equal(world.launches(), 0);
    },
  ),
);

/** Starts the server in a child that shares nothing but the port with it, then ends. */
const leavingLauncher = (options: string) => `
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
writeFileSync("child.mjs", ${JSON.stringify(plainServer)});
const child = spawn("setsid", [process.execPath, "child.mjs"], ${options});
child.unref();
writeFileSync("child.pid", String(child.pid));
setTimeout(() => process.exit(0), 100);
`;

for (const [what, options] of [
  ["leaves the port to a child", `{ stdio: "inherit" }`],
  [
    "leaves the port to a daemon with a cleared environment",
    `{ env: { PORT: process.env.PORT }, detached: true, stdio: "ignore" }`,
  ],
] as const) {
  test(
    `a leader that ends and ${what}: the server is ours, and a stop ends it`,
    inWorld({ server: leavingLauncher(options) }, async (world) => {
      const { pid } = await world.ok<Answer>(["start", "web"]);
      await waitFor("the leader to end", async () =>
        (await messages(world)).some((text) => /first process exited/.test(text)),
      );
      assert.equal(await world.answer(), "ours");
      assert.equal((await world.ok<Answer>(["start", "web"])).outcome, "reused");
      await world.ok(["stop", "web"]);
      assert.equal(seeProcess(pid), undefined);
      assert.equal(seeProcess(Number(readFileSync(join(world.cwd, "child.pid"), "utf8"))), undefined);
      assert.deepEqual([world.launches(), await isPortFree(world.port)], [0, true]);
    }),
  );
}

test(
  "a child of the server is killed from outside: the session stays, and the restart policy isn't asked",
  inWorld(
    { server: leavingLauncher(`{ stdio: "inherit" }`).replace("process.exit(0), 100", "{}, 1_000_000") },
    async (world) => {
      const { pid } = await world.ok<Answer>(["start", "web"]);
      await world.kill(pid);
      await waitFor("the port to be free", () => isPortFree(world.port));
      // Its leader lives: the tree isn't gone, and nothing is said to be ready that isn't.
      assert.equal(world.launches(), 1);
      await world.ok(["stop", "web"]);
      assert.equal(world.launches(), 0);
    },
  ),
);
