import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { runCli } from "../support/cli.ts";
import { createHome } from "../support/home.ts";
import { freePort, isPortFree } from "../support/ports.ts";
import { prepareProject } from "../support/projects.ts";
import { startRedis } from "../support/redis.ts";
import { waitFor } from "../support/wait.ts";
import type { Answer } from "./answer.ts";
import { liveLaunches } from "./launches.ts";

interface Status {
  readonly sessions: readonly {
    readonly app: string;
    readonly state: { readonly kind: string; readonly pid?: number };
  }[];
}

test("a Redis that comes back empty costs no server: both daemons show it again, reuse it and can stop it", async (context) => {
  const redis = await startRedis();
  context.after(() => redis.stop());
  const [home, other] = [createHome(context), createHome(context)];
  const cwd = await prepareProject("plain", context);
  const port = await freePort();
  const apps = { web: { port } };
  await writeFile(join(cwd, "devlatch.json"), JSON.stringify({ sandbox: "team-box", apps }));
  const env = { DEVLATCH_REDIS_URL: redis.url };
  const run = async (words: readonly string[], where = home) => {
    const result = await runCli([...words, "--json", "--cwd", cwd], { home: where, env });
    assert.equal(result.code, 0, result.stdout + result.stderr);
    return result.json;
  };
  const started = (await run(["start", "web"])) as Answer;
  assert.equal(((await run(["start", "web"], other)) as Answer).outcome, "reused");

  await redis.restart();
  for (const where of [home, other]) {
    await waitFor("the session to be shown again", async () => {
      const shown = await runCli(["status", "--json", "--cwd", cwd], { home: where, env });
      const [session] = (shown.json as Status | undefined)?.sessions ?? [];
      return session?.app === "web" && session.state.kind === "ready" && session.state.pid === started.pid;
    });
    const again = (await run(["start", "web"], where)) as Answer;
    assert.deepEqual([again.outcome, again.pid, again.url], ["reused", started.pid, started.url]);
  }
  assert.equal(liveLaunches(home).size + liveLaunches(other).size, 1, "one process tree");

  await run(["stop", "web"], other);
  assert.ok(await isPortFree(port), "the port can be bound again");
  assert.equal(liveLaunches(home).size, 0);
});
