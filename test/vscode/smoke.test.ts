import assert from "node:assert/strict";
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { createHome } from "../support/home.ts";
import type { Owner } from "../support/owner.ts";
import { describeProcesses, processesWith, type SeenProcess } from "../support/processes.ts";
import { prepareProject } from "../support/projects.ts";
import { waitFor } from "../support/wait.ts";
import { assertAllPassed } from "./support/results.ts";
import { startVsCode } from "./support/server.ts";

const suites = join(import.meta.dirname, "suites");

// One server for all of these.
test("a real VS Code", async (t) => {
  const home = createHome(t);
  const vscode = await startVsCode(t, { env: { DEVLATCH_HOME: home.directory } });
  const extension = writeExtension(t);
  const folder = await prepareProject("plain", t);
  const run = (suite: string) => vscode.runSuite({ folder, extension, suite: join(suites, suite) });
  const hosts = () => processesWith("DEVLATCH_HOME", home.directory).filter(isExtensionHost);

  await t.test("a suite runs in the extension host", async () => {
    const result = await run("smoke.ts");
    assertAllPassed(result);
    assert.equal(result.cases.length, 4);
  });

  await t.test("failing and hanging cases reach the runner with name and place", async () => {
    const result = await run("smoke-failing.ts");
    assert.deepEqual(
      result.cases.map(({ name, error }) => [name, error === undefined]),
      [
        ["a case that holds", true],
        ["a case that doesn't", false],
        ["a case that hangs", false],
      ],
    );
    assert.throws(() => assertAllPassed(result), /a case that doesn't[\s\S]*smoke-failing\.ts:9/);
    assert.match(result.cases[2]?.error ?? "", /took longer than 1000 ms/);
  });

  await t.test(
    "two windows run commands, can be looked at, and end their extension host when closed",
    async (t) => {
      const folders = [folder, await prepareProject("plain", t)];
      const windows = await Promise.all(folders.map((folder) => vscode.openWindow({ folder, extension })));
      for (const [index, window] of windows.entries()) {
        await window.runCommand("Smoke: Answer");
        await window.page.locator(".statusbar-item", { hasText: "The answer is 42" }).waitFor();
        await window.screenshot(`smoke-window-${index}`);
      }
      await waitFor("an extension host a window", () => hosts().length === 2, {
        describe: () => describeProcesses(hosts()),
      });
      await windows[0]?.close();
      await waitFor("the closed window's extension host to end", () => hosts().length === 1, {
        describe: () => describeProcesses(hosts()),
      });
    },
  );

  await t.test("with the server everything ends that it started", async () => {
    await vscode.dispose();
    assert.deepEqual(processesWith("DEVLATCH_HOME", home.directory), []);
  });
});

function isExtensionHost({ command }: SeenProcess): boolean {
  return command.includes("--type=extensionHost");
}

/** A development extension of two files: one command that returns 42 and says so. */
function writeExtension(owner: Owner): string {
  const directory = mkdtempSync(join(realpathSync(tmpdir()), "devlatch-extension-"));
  owner.after(() => rmSync(directory, { recursive: true, force: true }));
  const manifest = {
    name: "smoke",
    publisher: "devlatch",
    version: "0.0.1",
    engines: { vscode: "^1.101.0" },
    main: "./main.cjs",
    activationEvents: ["onStartupFinished"],
    contributes: { commands: [{ command: "smoke.answer", title: "Smoke: Answer" }] },
  };
  writeFileSync(join(directory, "package.json"), JSON.stringify(manifest));
  writeFileSync(
    join(directory, "main.cjs"),
    `const vscode = require("vscode");
exports.activate = (context) => {
  context.subscriptions.push(vscode.commands.registerCommand("smoke.answer", () => {
    vscode.window.setStatusBarMessage("The answer is 42");
    return 42;
  }));
};
`,
  );
  return directory;
}
