import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { HostDescription } from "../../daemon/host/protocol.ts";
import type { StatusResult } from "../../shared/protocol/methods.ts";
import { runCli } from "../support/cli.ts";
import { userEnv } from "../support/env.ts";
import { runJson } from "../support/json.ts";
import { waitFor } from "../support/wait.ts";
import type { Desk } from "./desk.ts";
import type { VsCodeWindow } from "./support/window.ts";
import { dialog, notification } from "./window-parts.ts";

/** Starts and stops the desk's server. @returns the mark that its processes had */
async function pastLaunch({ home, folder }: Desk): Promise<string> {
  for (const words of [["start"], ["stop", "--yes"]]) {
    const result = await runCli([...words, "web", "--cwd", folder], { home });
    assert.equal(result.code, 0, result.stderr);
  }
  const { sessions } = await runJson<StatusResult>(["status", "--cwd", folder], { home });
  const directory = join(home.directory, "sessions", sessions[0]?.sandboxId ?? "", "dev_server_web");
  return HostDescription.parse(JSON.parse(readFileSync(join(directory, "host.json"), "utf8"))).launchId;
}

/** The doctor shows what is left over of a server, and ends it only once it is chosen. */
export async function leftOverEnded(t: TestContext, desk: Desk, window: VsCodeWindow): Promise<void> {
  desk.configure();
  const mark = await pastLaunch(desk);
  const left = spawn("sleep", ["1000"], { env: userEnv({ DEVLATCH_LAUNCH: mark }), stdio: "ignore" });
  t.after(() => void left.kill("SIGKILL"));
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
}
