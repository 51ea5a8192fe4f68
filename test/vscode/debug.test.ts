import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { leftToCampaign } from "../support/campaign.ts";
import { createHome } from "../support/home.ts";
import { repository } from "../support/paths.ts";
import { freePort } from "../support/ports.ts";
import { prepareProject } from "../support/projects.ts";
import { assertAllPassed } from "./support/results.ts";
import { startVsCode } from "./support/server.ts";

// A window of its own: a debugger moves panels and the focus.
for (const project of ["plain", "next"] as const) {
  const skip = project === "plain" ? false : leftToCampaign;
  test(`the debugger stops in the code of ${project}'s server`, { skip }, async (t) => {
    const home = createHome(t);
    const vscode = await startVsCode(t, { env: { DEVLATCH_HOME: home.directory } });
    const folder = await prepareProject(project, t);
    // The usual port may be another's on this machine.
    const env = { NODE_OPTIONS: "--inspect-port=0" };
    const web = { command: "npm run dev", port: await freePort(), env };
    writeFileSync(join(folder, "devlatch.json"), JSON.stringify({ apps: { web } }));
    const suite = join(import.meta.dirname, "suites/debug.ts");
    assertAllPassed(await vscode.runSuite({ folder, extension: repository, suite }));
  });
}
