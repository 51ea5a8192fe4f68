import assert from "node:assert/strict";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { createHome } from "../../support/home.ts";
import { freePort } from "../../support/ports.ts";
import { prepareProject } from "../../support/projects.ts";
import { startRedis } from "../../support/redis.ts";
import { waitFor } from "../../support/wait.ts";
import { TestAgent } from "./agent-client.ts";

test("an agent hears that the shared store is away, and the next call after it came back works", async (context) => {
  const home = createHome(context);
  const redis = await startRedis();
  context.after(() => redis.stop());
  const cwd = await prepareProject("plain", context);
  const config = { sandbox: "team-box", apps: { web: { port: await freePort() } } };
  writeFileSync(join(cwd, "devlatch.json"), JSON.stringify(config));
  const agent = await TestAgent.connect(context, home, { cwd, env: { DEVLATCH_REDIS_URL: redis.url } });
  assert.equal((await agent.call("start")).data.state, "ready");
  redis.pause();
  const away = await agent.call("restart");
  assert.equal(away.data.error.code, "STORE_UNAVAILABLE", away.text);
  assert.match(away.text, /What to do: /);
  redis.resume();
  await waitFor("the store to be back", async () => !(await agent.call("restart")).isError);
});

test("a home that isn't believed is an answer with its remedy, and no end of the agent's server", async (context) => {
  const home = createHome(context);
  const cwd = await prepareProject("plain", context);
  const agent = await TestAgent.connect(context, home, { cwd });
  chmodSync(home.directory, 0o777);
  const refused = await agent.call("status");
  assert.equal(refused.data.error.code, "UNSAFE_PATH");
  assert.match(refused.text, /chmod/);
  chmodSync(home.directory, 0o700);
  assert.equal((await agent.call("status")).isError, false);
});
