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

/** Vite runs a project's code in its own process where it renders for a server. */
const rendered = {
  "vite.config.js": `export default {
  plugins: [
    {
      name: "renders",
      configureServer(server) {
        server.middlewares.use(async (_request, response) => {
          const { answer } = await server.ssrLoadModule("/src/answer.js");
          answer(response);
        });
      },
    },
  ],
};
`,
  "src/answer.js": `export function answer(response) {
  response.end("rendered by Vite");
}
`,
};

for (const project of ["next", "vite"] as const) {
  test(`the debugger stops in the code of ${project}'s server`, { skip: leftToCampaign }, async (t) => {
    const home = createHome(t);
    const vscode = await startVsCode(t, { env: { DEVLATCH_HOME: home.directory } });
    const folder = await prepareProject(project, t);
    if (project === "vite")
      for (const [file, text] of Object.entries(rendered)) writeFileSync(join(folder, file), text);
    // The usual port may be another's on this machine.
    const env = { NODE_OPTIONS: "--inspect-port=0" };
    const web = { command: "npm run dev", port: await freePort(), env };
    writeFileSync(join(folder, "devlatch.json"), JSON.stringify({ apps: { web } }));
    const suite = join(import.meta.dirname, "suites/debug.ts");
    assertAllPassed(await vscode.runSuite({ folder, extension: repository, suite }));
  });
}
