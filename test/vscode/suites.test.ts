import { test } from "node:test";
import { createHome } from "../support/home.ts";
import { repository } from "../support/paths.ts";
import { folderOf, suites } from "./suites.ts";
import { assertAllPassed } from "./support/results.ts";
import { startVsCode } from "./support/server.ts";

// Windows of one server where they can be: it takes as long to start as one of them.
for (const trusted of [true, false]) {
  test(`suites in a real VS Code, ${trusted ? "trusted" : "untrusted"}`, async (t) => {
    const home = createHome(t);
    const vscode = await startVsCode(t, { env: { DEVLATCH_HOME: home.directory }, trusted });
    const its = Object.entries(suites).filter(([, one]) => one.trusted === trusted);
    for (const [name, one] of its)
      await t.test(name, async (t) => {
        const folder = await folderOf(one, t);
        assertAllPassed(await vscode.runSuite({ folder, extension: repository, suite: one.entry }));
      });
  });
}
