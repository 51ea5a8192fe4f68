import { join } from "node:path";
import { test } from "node:test";
import { createHome } from "../support/home.ts";
import { repository } from "../support/paths.ts";
import { prepareProject } from "../support/projects.ts";
import { assertAllPassed } from "./support/results.ts";
import { startVsCode } from "./support/server.ts";
import type { VsCodeWindow } from "./support/window.ts";
import { dialog } from "./window-parts.ts";

/** Says no to the first question about stopping, and yes to the second. */
async function answer(window: VsCodeWindow): Promise<void> {
  const asked = dialog(window).getByText(/Copilot wants to stop web in .*also used by window of/);
  await asked.waitFor();
  await window.screenshot("agent-asks");
  await dialog(window).getByRole("button", { name: "Cancel" }).click();
  await asked.waitFor({ state: "detached" });
  await dialog(window).getByRole("button", { name: "Stop it" }).click();
}

test("an agent of the editor and the person in front of it share one server (in a real VS Code)", async (t) => {
  const home = createHome(t);
  const env = { DEVLATCH_HOME: home.directory };
  const vscode = await startVsCode(t, { env, settings: { "chat.disableAIFeatures": false } });
  const folder = await prepareProject("vite", t);
  const suite = join(import.meta.dirname, "suites/agents.ts");
  assertAllPassed(await vscode.runSuite({ folder, extension: repository, suite, beside: answer }));
});
