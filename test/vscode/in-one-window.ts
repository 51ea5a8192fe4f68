import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { startProgram } from "../support/child.ts";
import { runCli } from "../support/cli.ts";
import { repository } from "../support/paths.ts";
import { isPortFree } from "../support/ports.ts";
import { allProcesses } from "../support/processes.ts";
import { waitFor } from "../support/wait.ts";
import type { Desk } from "./desk.ts";
import { untilStored } from "./support/stored.ts";
import type { VsCodeWindow } from "./support/window.ts";
import {
  dialog,
  notification,
  pickInMenu,
  row,
  showSideBar,
  statusItem,
  statusShows,
  whenStatusBarShows,
} from "./window-parts.ts";

/** The goal is 200 ms (10 to 20 are usual); a machine busy with other things must not fail the test. Milliseconds. */
const followsWithinMs = 2_000;

/** A server started in one window is ready in the other at once, which stops it for both after asking. */
export async function startedInOneWindow(
  t: TestContext,
  desk: Desk,
  one: VsCodeWindow,
  two: VsCodeWindow,
): Promise<void> {
  await Promise.all([statusShows(one, "web", /web/), statusShows(two, "web", /web/)]);
  const shown = [one, two].map(({ page }) => whenStatusBarShows(page, `web :${desk.port}`));
  await one.page.bringToFront();
  await statusItem(one, "web").click();
  const [first = 0, second = 0] = await Promise.all(shown);
  assert.ok(Math.abs(second - first) <= followsWithinMs, `the windows were ${second - first} ms apart`);
  t.diagnostic(`the second window followed after ${second - first} ms`);
  const cli = await runCli(["start", "web", "--json", "--cwd", desk.folder], { home: desk.home });
  assert.equal((cli.json as { outcome: string }).outcome, "reused");
  await two.page.bringToFront();
  await pickInMenu(two, "web", "Stop");
  const users = dialog(two).getByText(/also used by window of plain and/);
  await users.waitFor();
  await two.screenshot("used-by-others");
  await dialog(two).getByRole("button", { name: "Cancel" }).click();
  assert.equal(await isPortFree(desk.port), false);
  await statusItem(two, "web").hover();
  await two.page
    .locator(".monaco-hover")
    .getByText(/Used by: window of plain; /)
    .waitFor();
  await pickInMenu(two, "web", "Stop");
  await dialog(two).getByRole("button", { name: "Stop It" }).click();
  await statusShows(one, "web", /^\s*web\s*$/);
  assert.equal(await isPortFree(desk.port), true);
}

/** A busy port leads to a dialog that shows who holds it, and to the next port or the end of that process. */
export async function busyPort(t: TestContext, desk: Desk, window: VsCodeWindow): Promise<void> {
  const script = `require("node:http").createServer().listen(${desk.port}, "127.0.0.1", () => console.log("up"))`;
  const stranger = await startProgram(process.execPath, ["-e", script], { cwd: repository });
  t.after(() => stranger.process.kill());
  await stranger.printed(/up/);

  await window.runCommand("Devlatch: Who Uses a Port…");
  await window.page.locator('.quick-input-widget input[placeholder="3000"]').fill(String(desk.port));
  await window.page.keyboard.press("Enter");
  await dialog(window).getByRole("button", { name: "End That Process" }).waitFor();
  await window.screenshot("port-lookup");
  const focused = window.page.locator(".monaco-dialog-box .monaco-button:focus");
  assert.equal(await focused.textContent(), "Close", "Enter does no harm");
  await window.page.keyboard.press("Enter");
  await dialog(window).waitFor({ state: "hidden" });
  assert.equal(stranger.process.exitCode, null);

  await statusItem(window, "web").click();
  await dialog(window).getByText(`Port ${desk.port}, which web wants, is used by`).waitFor();
  const text = (await dialog(window).textContent()) ?? "";
  for (const fact of [String(stranger.pid), repository, "createServer"]) {
    assert.ok(text.includes(fact), `${fact} is missing in: ${text}`);
  }
  await window.screenshot("port-conflict");
  await dialog(window)
    .getByRole("button", { name: /^Use Port \d+$/ })
    .click();
  await statusShows(window, "web", /web :\d+/);
  assert.doesNotMatch((await statusItem(window, "web").textContent()) ?? "", new RegExp(`:${desk.port}$`));
  await pickInMenu(window, "web", "Stop");
  await statusShows(window, "web", /^\s*web\s*$/);

  await statusItem(window, "web").click();
  await dialog(window).getByRole("button", { name: "End That Process and Start" }).click();
  await statusShows(window, "web", new RegExp(`web :${desk.port}`));
  await stranger.finished(10_000);
  await pickInMenu(window, "web", "Stop");
  await statusShows(window, "web", /^\s*web\s*$/);
}

/** A start can be cancelled and leaves nothing; what fails says why and shows its output. */
export async function cancelledAndFailed(desk: Desk, window: VsCodeWindow): Promise<void> {
  const mark = `never-listens-${desk.port}`;
  desk.configure({ command: ["node", "-e", "setInterval(() => {}, 1000)", mark] });
  await statusItem(window, "web").click();
  await statusShows(window, "web", /web [1-9]s/);
  const progress = await notification(window, "Starting web");
  await window.screenshot("starting");
  await progress.getByRole("button", { name: "Cancel" }).click();
  await statusShows(window, "web", /^\s*web\s*$/);
  await waitFor(
    "the cancelled server to end",
    () => !allProcesses().some(({ command }) => command.includes(mark)),
  );

  desk.configure({ command: ["node", "-e", "console.log('out of luck'); process.exit(3)"] });
  await statusItem(window, "web").click();
  const failure = await notification(window, "Show Output");
  await window.screenshot("failed");
  await failure.getByRole("button", { name: "Show Output" }).click();
  await window.page.locator(".panel .view-lines").getByText("out of luck").waitFor();
}

/** A server started by hand is adopted, and stopped only after asking. */
export async function adoptedByHand(t: TestContext, desk: Desk, window: VsCodeWindow): Promise<void> {
  const env = { ...process.env, PORT: String(desk.port) };
  const byHand = await startProgram("node", ["server.js"], { cwd: desk.folder, env });
  t.after(() => byHand.process.kill());
  await byHand.printed(/Listening/);
  desk.configure({ command: "node server.js" });
  // It is seen without being asked for.
  await statusShows(window, "web", new RegExp(`web :${desk.port}`));
  await pickInMenu(window, "web", "Stop");
  await dialog(window).getByRole("button", { name: "Stop It" }).waitFor();
  await window.screenshot("adopted");
  await dialog(window).getByRole("button", { name: "Cancel" }).click();
  assert.equal(byHand.process.exitCode, null);
  await pickInMenu(window, "web", "Stop");
  await dialog(window).getByRole("button", { name: "Stop It" }).click();
  await statusShows(window, "web", /^\s*web\s*$/);
  await byHand.finished(10_000);
}

/** While the daemon is stopped the side bar says so and brings it back. */
export async function withoutDaemon(desk: Desk, window: VsCodeWindow): Promise<void> {
  await showSideBar(window);
  await runCli(["daemon", "stop"], { home: desk.home });
  const reconnect = row(window, /Not connected to the daemon.*Reconnect/);
  await reconnect.waitFor();
  await window.screenshot("disconnected");
  // The rows as they were say stopped, too.
  await row(window, /web.*last seen: stopped/).waitFor();
  await reconnect.click();
  await row(window, /web\s*stopped/).waitFor();
  await reconnect.waitFor({ state: "detached" });
}

/** A server's terminal comes back after a reload, takes keys where it is moved to, and there is one of it. */
export async function terminalAfterReload({ port }: Desk, window: VsCodeWindow): Promise<void> {
  const ready = new RegExp(`web.*:${port}`);
  await row(window, "stopped").click();
  await statusShows(window, "web", ready);
  await row(window, ready).click();
  const terminals = window.page.locator(".terminal-tabs-entry").filter({ hasText: "web dev server" });
  await window.page.locator(".xterm-rows").getByText("Listening on").first().waitFor();
  await untilStored(window.page, /"terminals":\[\{"key":"[^"]+web"/);
  await window.page.reload();
  await statusShows(window, "web", ready);
  // The editor may have hidden the panel; without a terminal of ours it would make one of its own.
  await window.runCommand("Terminal: Focus Terminal");
  await terminals.waitFor();
  await window.screenshot("reloaded");
  await row(window, ready).click();
  await window.page.locator(".xterm-rows").getByText("Listening on").first().waitFor();
  assert.equal(await terminals.count(), 1);

  await window.runCommand("Terminal: Move Terminal into Editor Area");
  const tabs = window.page.locator(".editor-group-container .tab").filter({ hasText: "web dev server" });
  await tabs.waitFor();
  await takesKeys(window, ready, "moved");
  assert.deepEqual([await tabs.count(), await terminals.count()], [1, 0]);
  await pickInMenu(window, "web", "Stop");
  await statusShows(window, "web", /^\s*web\s*$/);
}

/** Waits until the terminal that a server's row leads to, among the editors, shows what is typed. */
async function takesKeys(window: VsCodeWindow, server: RegExp, typed: string): Promise<void> {
  const terminals = window.page.locator(".editor-group-container .xterm");
  await waitFor(`a terminal that takes "${typed}"`, async () => {
    await row(window, server).click();
    const isFocused = await terminals
      .locator("visible=true")
      .first()
      .click({ timeout: 2_000 })
      .then(
        () => true,
        () => false,
      );
    if (!isFocused) return false;
    await window.page.keyboard.type(typed);
    return terminals.getByText(typed).first().isVisible();
  });
}
