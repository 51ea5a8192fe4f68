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

/** A plugin that answers by itself: Vite has no other code of the project that runs in its process. */
const plugin = `export default {
  plugins: [
    {
      name: "answers",
      configureServer({ middlewares }) {
        middlewares.use((_request, response) => {
          response.end("from the plugin");
        });
      },
    },
  ],
};
`;

for (const project of ["next", "vite"] as const) {
  test(`the debugger stops in the code of ${project}'s server`, { skip: leftToCampaign }, async (t) => {
    const home = createHome(t);
    const vscode = await startVsCode(t, { env: { DEVLATCH_HOME: home.directory } });
    const folder = await prepareProject(project, t);
    if (project === "vite") writeFileSync(join(folder, "vite.config.js"), plugin);
    // The usual port may be another's on this machine.
    const env = { NODE_OPTIONS: "--inspect-port=0" };
    const web = { command: "npm run dev", port: await freePort(), env };
    writeFileSync(join(folder, "devlatch.json"), JSON.stringify({ apps: { web } }));
    const suite = join(import.meta.dirname, "suites/debug.ts");
    assertAllPassed(await vscode.runSuite({ folder, extension: repository, suite }));
  });
}
