import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { leftToCampaign } from "../support/campaign.ts";
import { createHome } from "../support/home.ts";
import { repository } from "../support/paths.ts";
import { freePort } from "../support/ports.ts";
import { prepareCase, prepareProject } from "../support/projects.ts";
import { assertAllPassed } from "./support/results.ts";
import { startVsCode } from "./support/server.ts";

// Windows of their own: a debugger moves panels and the focus.

/** Runs a suite on a project with these apps, by their commands. */
async function debugs(
  t: TestContext,
  folder: string,
  commands: Readonly<Record<string, string>>,
  suite: string,
): Promise<void> {
  const home = createHome(t);
  const vscode = await startVsCode(t, { env: { DEVLATCH_HOME: home.directory } });
  const apps: Record<string, object> = {};
  // The usual port of debuggers may be another's on this machine.
  const env = { NODE_OPTIONS: "--inspect-port=0" };
  for (const [app, command] of Object.entries(commands)) apps[app] = { command, port: await freePort(), env };
  writeFileSync(join(folder, "devlatch.json"), JSON.stringify({ apps }));
  const path = join(import.meta.dirname, "suites", suite);
  assertAllPassed(await vscode.runSuite({ folder, extension: repository, suite: path }));
}

test("the debugger stops in the code of Node's and Vite's servers", async (t) => {
  const folder = await prepareCase("debugged", t, "vite");
  await debugs(t, folder, { plain: "node server.mjs", web: "npm run dev" }, "debug.ts");
});

test("the debugger stops in the code of Next's server", { skip: leftToCampaign }, async (t) => {
  await debugs(t, await prepareProject("next", t), { web: "npm run dev" }, "debug-next.ts");
});
