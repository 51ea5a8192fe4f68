import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { runCli } from "../support/cli.ts";
import { freePort, isPortFree } from "../support/ports.ts";
import { waitFor } from "../support/wait.ts";
import { type Desk, prepareDesk } from "./desk.ts";
import {
  adoptedByHand,
  busyPort,
  cancelledAndFailed,
  startedInOneWindow,
  terminalAfterReload,
  withoutDaemon,
} from "./in-one-window.ts";
import { launchAfterTask } from "./launching.ts";
import { leftOverEnded } from "./left-over.ts";
import { scanned } from "./support/scanned.ts";
import {
  dialog,
  notification,
  pickInMenu,
  row,
  showSideBar,
  statusItem,
  statusShows,
  webview,
} from "./window-parts.ts";

// One desk for all of these: a window takes longer than most of what is tried in it.
test("windows on one project", async (t) => {
  const desk = await prepareDesk(t);
  const [one, two] = await Promise.all([desk.openWindow(), desk.openWindow()]);
  await t.test(
    "a server started in one window is ready in the other at once, which stops it for both after asking",
    (t) => startedInOneWindow(t, desk, one, two),
  );
  await two.close();
  await t.test(
    "a busy port leads to a dialog that shows who holds it, and to the next port or the end of that process",
    (t) => busyPort(t, desk, one),
  );
  await t.test("a start can be cancelled and leaves nothing; what fails says why and shows its output", () =>
    cancelledAndFailed(desk, one),
  );
  await t.test("a server started by hand is adopted, and stopped only after asking", (t) =>
    adoptedByHand(t, desk, one),
  );
  await t.test("while the daemon is stopped the side bar says so and brings it back", () =>
    withoutDaemon(desk, one),
  );
  await t.test(
    "a server's terminal comes back after a reload, takes keys where it is moved to, and there is one of it",
    () => terminalAfterReload(desk, one),
  );
  await t.test(
    "F5 waits for the server that a launch configuration names, and where that fails the editor asks",
    () => launchAfterTask(desk, one),
  );
  await t.test("the doctor shows what is left over, and ends it only once it is chosen", (t) =>
    leftOverEnded(t, desk, one),
  );
});

test("an untrusted window looks: it runs nothing, says why and offers to manage trust", async (t) => {
  const desk = await prepareDesk(t, { trusted: false });
  const started = await runCli(["daemon", "start"], { home: desk.home });
  assert.equal(started.code, 0);
  const window = await desk.openWindow();
  await statusShows(window, "web", /web/);
  await statusItem(window, "web").click();
  const refusal = await notification(window, "isn't trusted");
  await window.screenshot("untrusted");
  await refusal.getByRole("button", { name: "Manage Workspace Trust" }).click();
  await window.page.locator(".workspace-trust-editor").waitFor();
  assert.equal(await isPortFree(desk.port), true);
});

test("real Next in the side bar and the status bar, as the README shows it", async (t) => {
  const api = await freePort();
  const desk = await prepareDesk(t, { project: "next" });
  writeShowcase(desk, api);
  const window = await desk.openWindow();
  await window.page.setViewportSize({ width: 1100, height: 680 });
  await showSideBar(window);
  await statusShows(window, "web", /web/);
  await statusItem(window, "web").click();
  await statusShows(window, "web", new RegExp(`web :${desk.port}`));
  await row(window, "api").hover();
  await row(window, "api").getByRole("button", { name: "Start Server" }).click();
  await row(window, "api")
    .filter({ hasText: `:${api}` })
    .waitFor();
  await row(window, "web").click();
  await window.page.locator(".xterm-rows").getByText("Ready in").first().waitFor();
  await statusItem(window, "web").hover();
  await window.page.locator(".monaco-hover").getByText("Ready at").waitFor();
  await window.screenshot("next");
});

test("real Expo: started from the status bar, reused from the command line, its output shown, stopped", async (t) => {
  const desk = await prepareDesk(t, { project: "expo" });
  const env = { EXPO_OFFLINE: "1", EXPO_NO_TELEMETRY: "1" };
  const mobile = { command: "npx expo start", port: desk.port, env };
  writeFileSync(join(desk.folder, "devlatch.json"), JSON.stringify({ apps: { mobile } }, null, 2));
  const window = await desk.openWindow();
  await statusShows(window, "mobile", /mobile/);
  await statusItem(window, "mobile").click();
  await statusShows(window, "mobile", new RegExp(`mobile :${desk.port}`), 120_000);
  const cli = await runCli(["start", "mobile", "--json", "--cwd", desk.folder], { home: desk.home });
  assert.equal((cli.json as { outcome: string }).outcome, "reused");
  await window.runCommand("Devlatch: Show Output");
  await window.page.locator(".panel .view-lines").getByText("Metro").first().waitFor();
  await window.screenshot("expo");
  await pickInMenu(window, "mobile", "Show QR Code");
  const phone = await webview(window, "Developer Menu");
  const code = phone.getByRole("img", { name: new RegExp(`^QR code of exp://[\\d.]+:${desk.port}$`) });
  await code.waitFor();
  assert.equal(`QR code of ${await scanned(code)}`, await code.getAttribute("aria-label"));
  await phone.getByRole("button", { name: "Reload App" }).click();
  await phone.getByText("Asked to reload").waitFor();
  await waitFor("Expo to have been asked to reload", async () => {
    const grep = ["logs", "mobile", "--json", "--grep", "Reloading apps", "--cwd", desk.folder];
    const { json } = await runCli(grep, { home: desk.home });
    return (json as { messages: unknown[] }).messages.length > 0;
  });
  await window.screenshot("phone");
  await pickInMenu(window, "mobile", "Stop");
  // The command line, too, has used it.
  await dialog(window).getByRole("button", { name: "Stop It" }).click();
  await statusShows(window, "mobile", /^\s*mobile\s*$/);
  await phone.getByText("a phone finds nothing").waitFor();
  assert.equal(await code.count(), 0, "the code of a server that is gone");
  assert.equal(await isPortFree(desk.port), true);
});

/** Three apps, as the pictures of docs have them. */
function writeShowcase({ folder, port }: Desk, api: number): void {
  const server =
    'import { createServer } from "node:http";\ncreateServer((_, answer) => answer.end("{}")).listen(process.env.PORT);\n';
  writeFileSync(join(folder, "api.mjs"), server);
  const apps = {
    web: { command: "npm run dev", port, env: { NEXT_TELEMETRY_DISABLED: "1" } },
    mobile: { command: "npx expo start", port: 8081 },
    api: { command: "node api.mjs", port: api },
  };
  writeFileSync(join(folder, "devlatch.json"), JSON.stringify({ apps }, null, 2));
}
