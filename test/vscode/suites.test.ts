import { test } from "node:test";
import { createHome } from "../support/home.ts";
import { repository } from "../support/paths.ts";
import { folderOf, suites } from "./suites.ts";
import { assertAllPassed } from "./support/results.ts";
import { startVsCode } from "./support/server.ts";

for (const [name, one] of Object.entries(suites)) {
  test(`${name} (in a real VS Code)`, async (t) => {
    const home = createHome(t);
    const vscode = await startVsCode(t, { env: { DEVLATCH_HOME: home.directory }, trusted: one.trusted });
    const folder = await folderOf(one, t);
    assertAllPassed(await vscode.runSuite({ folder, extension: repository, suite: one.entry }));
  });
}
