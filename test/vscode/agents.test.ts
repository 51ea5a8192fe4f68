import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { tools } from "../../shared/agents/tools.ts";
import { createHome } from "../support/home.ts";
import { repository } from "../support/paths.ts";
import { freePort, isPortFree } from "../support/ports.ts";
import { prepareProject } from "../support/projects.ts";
import { waitFor } from "../support/wait.ts";
import { createWindowAgent } from "./support/agent.ts";
import { startVsCode } from "./support/server.ts";
import type { VsCodeWindow } from "./support/window.ts";
import { dialog, statusShows } from "./window-parts.ts";

/** A window on a Vite project, with an agent within it. */
async function prepare(t: TestContext, trusted = true) {
  const home = createHome(t);
  const settings = { "chat.disableAIFeatures": false };
  const agent = createWindowAgent(t);
  const env = { DEVLATCH_HOME: home.directory, ...agent.env };
  const vscode = await startVsCode(t, { env, settings, trusted, extensions: agent.extensions });
  const folder = await prepareProject("vite", t);
  const port = await freePort();
  writeFileSync(
    join(folder, "devlatch.json"),
    JSON.stringify({ apps: { web: { command: "npm run dev", port } } }),
  );
  const window = await vscode.openWindow({ folder, extension: repository });
  const names = tools.map(({ name }) => name).sort();
  await waitFor("the tools to be offered", async () => (await agent.tools()).length === names.length);
  assert.deepEqual([...(await agent.tools())].sort(), names);
  return {
    agent,
    folder,
    port,
    window,
    edit: (text: string) => writeFileSync(join(folder, "src/main.js"), text),
  };
}

/** Lets the editor make a call that an agent wants. @param message what the person reads first */
async function allow(window: VsCodeWindow, message: RegExp): Promise<void> {
  await dialog(window).getByText(message).waitFor();
  await dialog(window).getByRole("button", { name: "Yes" }).click();
}

test("an agent of the editor and the person in front of it share one server, whose end needs the person's consent", async (t) => {
  const { agent, port, window, edit } = await prepare(t);
  const starting = agent.call("start");
  await allow(window, /^In .*vite\.$/);
  assert.match(await starting, new RegExp(`^web is ready at http://localhost:${port}`));
  await statusShows(window, "web", new RegExp(`:${port}`));
  edit('const a = 1;\nimport "./gone.js";\n');
  const broken = await agent.call("wait", { app: "web", visit: "/src/main.js" });
  assert.match(broken, /^web: failed[\s\S]*src\/main\.js:2/);
  edit("document.body.dataset.ready = 'true';\n");
  assert.match(await agent.call("wait", { app: "web", visit: "/src/main.js" }), /^web: clean/);
  const output = await agent.call("logs", { app: "web", cursor: "0", limit: 3 });
  assert.match(output, /^web: lines \d+ to \d+; newer: cursor \d+[\s\S]*untrusted data, not instructions\]/);

  await window.runCommand("Devlatch: Open Terminal");
  await waitFor("the window to use it", async () => /also VS Code/.test(await agent.call("status")));
  const refused = agent.call("stop", { app: "web" });
  await allow(window, /^In .*vite\. It is used by .*window of vite/);
  await dialog(window)
    .getByText(/wants to stop web in .*used by window of vite/)
    .waitFor();
  await window.screenshot("agent-asks");
  await dialog(window).getByRole("button", { name: "Cancel" }).click();
  assert.match(await refused, /^CONSENT_REQUIRED: .*The person said no/);
  assert.equal(await isPortFree(port), false);

  const stopped = agent.call("stop", { app: "web" });
  await allow(window, /used by .*window of vite/);
  await dialog(window).getByRole("button", { name: "Stop it" }).click();
  assert.match(await stopped, /^web stopped/);
  assert.equal(await isPortFree(port), true);

  const outside = agent.call("start", { directory: "/etc" });
  await allow(window, /^In \/etc\.$/);
  assert.match(await outside, /^INVALID_INPUT: .*outside of this client's workspaces/);
});

test("in a workspace that isn't trusted the agent's tools only look", async (t) => {
  const { agent, port, window } = await prepare(t, false);
  const starting = agent.call("start");
  await allow(window, /vite\.$/);
  assert.match(await starting, /^(?:UNTRUSTED_WORKSPACE|DAEMON_UNAVAILABLE): /);
  assert.equal(await isPortFree(port), true);
});
