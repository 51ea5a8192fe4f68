import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { HostDescription } from "../../daemon/host/protocol.ts";
import type { StatusResult } from "../../shared/protocol/methods.ts";
import { runCli } from "../support/cli.ts";
import { userEnv } from "../support/env.ts";
import { createHome, type TestHome } from "../support/home.ts";
import { repository } from "../support/paths.ts";
import { freePort } from "../support/ports.ts";
import { prepareProject } from "../support/projects.ts";
import { waitFor } from "../support/wait.ts";
import { startVsCode } from "./support/server.ts";
import { dialog, notification, statusShows } from "./window-parts.ts";

/** Starts and stops a server. @returns the mark that its processes had */
async function pastLaunch(home: TestHome, cwd: string): Promise<string> {
  for (const verb of ["start", "stop"]) {
    const result = await runCli([verb, "web", "--cwd", cwd], { home });
    assert.equal(result.code, 0, result.stderr);
  }
  const { sessions } = (await runCli(["status", "--json", "--cwd", cwd], { home })).json as StatusResult;
  const directory = join(home.directory, "sessions", sessions[0]?.sandboxId ?? "", "dev_server_web");
  return HostDescription.parse(JSON.parse(readFileSync(join(directory, "host.json"), "utf8"))).launchId;
}

test("the doctor shows in the editor what is left over, and ends it only once it is chosen", async (t) => {
  const home = createHome(t);
  const vscode = await startVsCode(t, { env: { DEVLATCH_HOME: home.directory }, trusted: true });
  const folder = await prepareProject("plain", t);
  writeFileSync(join(folder, "devlatch.json"), JSON.stringify({ apps: { web: { port: await freePort() } } }));
  const mark = await pastLaunch(home, folder);
  const left = spawn("sleep", ["1000"], { env: userEnv({ DEVLATCH_LAUNCH: mark }), stdio: "ignore" });
  t.after(() => void left.kill("SIGKILL"));
  const window = await vscode.openWindow({ folder, extension: repository });
  await statusShows(window, "web", /web/);
  const choices = window.page.locator(".quick-input-list .monaco-list-row");

  await window.runCommand("Run Doctor");
  await dialog(window).getByText(`${left.pid} (sleep 1000)`).waitFor();
  await window.screenshot("doctor");
  await dialog(window).getByRole("button", { name: "Fix…" }).click();
  await choices.filter({ hasText: "sleep 1000" }).waitFor();
  // Nothing is chosen beforehand: whoever just confirms has nothing done.
  await window.page.keyboard.press("Enter");
  await choices.first().waitFor({ state: "hidden" });
  assert.equal(left.signalCode, null);

  await window.runCommand("Run Doctor");
  await dialog(window).getByRole("button", { name: "Fix…" }).click();
  await choices.filter({ hasText: "sleep 1000" }).getByRole("checkbox").click();
  await window.screenshot("doctor-fix");
  await window.page.locator(".quick-input-widget").getByRole("button", { name: "OK" }).click();
  await notification(window, "Devlatch fixed it.");
  await waitFor("what was left to have ended", () => left.signalCode !== null);
});
