import assert from "node:assert/strict";
import { test } from "node:test";
import { Developer } from "../../support/developer.ts";
import { createHome } from "../../support/home.ts";
import { freePort } from "../../support/ports.ts";
import { prepareProject } from "../../support/projects.ts";

// Astro 7 sends its server to the background where an agent calls: its output went into a file of its own, so that `logs`
// was empty and a broken page had no place.
test("Astro started by an agent writes where all read it, a broken page with its place", async (context) => {
  const cwd = await prepareProject("astro", context);
  const env = { CLAUDECODE: "1", AI_AGENT: "agent", ASTRO_TELEMETRY_DISABLED: "1" };
  const agent = new Developer(createHome(context), cwd, env);
  const port = await freePort();
  assert.equal((await agent.start("web", "--port", String(port))).port, port);
  assert.match(await agent.logs("web"), /astro\s+v7.*ready in/);
  assert.equal((await agent.wait("web")).status, "clean");

  agent.put("src/pages/index.astro", "---\nconst broken = (;\n---\n<h1>hi</h1>\n");
  const broken = await agent.wait("web", "--visit", "/");
  assert.equal(broken.code, 1, JSON.stringify(broken));
  assert.match(broken.first, /src\/pages\/index\.astro:\d/);
  agent.put("src/pages/index.astro", "<h1>mended</h1>\n");
  assert.equal((await agent.wait("web", "--visit", "/")).status, "clean");
  await agent.stopsWhole("web", port);
});

test("what Astro does with a server that runs is no server", async (context) => {
  const cwd = await prepareProject("astro", context);
  const developer = new Developer(createHome(context), cwd);
  const detect = (...words: string[]) => developer.asks<{ devServer: boolean }>("detect", "--", ...words);
  assert.equal((await detect("npx", "astro", "dev")).devServer, true);
  assert.equal((await detect("npx", "astro", "dev", "stop")).devServer, false);
});
