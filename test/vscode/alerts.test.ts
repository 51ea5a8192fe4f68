import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { AlertBoard } from "../../shared/model/alert.ts";
import { runCli } from "../support/cli.ts";
import { createHome } from "../support/home.ts";
import { runJson } from "../support/json.ts";
import { repository } from "../support/paths.ts";
import { freePort } from "../support/ports.ts";
import { prepareProject } from "../support/projects.ts";
import { waitFor } from "../support/wait.ts";
import { startVsCode } from "./support/server.ts";
import type { VsCodeWindow } from "./support/window.ts";
import { notification, notificationCenter, pressOn, row, showSideBar, statusShows } from "./window-parts.ts";

const server = `
import { createServer } from "node:http";
createServer((request, response) => {
  if (request.url === "/end") {
    console.log("my last words");
    process.exit(3);
  }
  response.end("up");
}).listen(Number(process.env.PORT), "127.0.0.1");
`;

/** How many notifications of this window say that a server is down. */
async function toldIn(window: VsCodeWindow): Promise<number> {
  const center = await notificationCenter(window);
  return center.locator(".monaco-list-row").filter({ hasText: "is down" }).count();
}

test("a server that crashes is told in one of two windows, once, with its output a click away; both show it", async (t) => {
  const home = createHome(t);
  const env = { DEVLATCH_HOME: home.directory };
  const vscode = await startVsCode(t, { env });
  const folder = await prepareProject("plain", t);
  const port = await freePort();
  writeFileSync(join(folder, "server.mjs"), server);
  const web = { command: "node server.mjs", port, restart: "never" };
  writeFileSync(join(folder, "devlatch.json"), JSON.stringify({ apps: { web } }));
  const open = () => vscode.openWindow({ folder, extension: repository });
  const windows = [await open(), await open()] as const;
  await Promise.all(windows.map((window) => statusShows(window, "web", /web/)));
  assert.equal((await runCli(["start", "web", "--cwd", folder], { home })).code, 0);
  await Promise.all(windows.map((window) => statusShows(window, "web", new RegExp(`web :${port}`))));

  // Before: the badge of a failed server would be in the way.
  for (const window of windows) await showSideBar(window);
  await fetch(`http://127.0.0.1:${port}/end`).catch(() => undefined);
  const told = async () => Promise.all(windows.map(toldIn));
  await waitFor("a window to tell", async () => (await told()).some((count) => count > 0));
  const board = await runJson<AlertBoard>(["alerts"], { home });
  assert.deepEqual(
    board.alerts.filter(({ kind }) => kind === "server").map(({ notify }) => notify),
    [false],
  );
  const counts = await told();
  assert.deepEqual([...counts].sort(), [0, 1]);
  const [teller, other] = counts[0] === 1 ? windows : ([windows[1], windows[0]] as const);
  await teller.screenshot("alert");
  await row(other, /web.*failed · my last words/).waitFor();
  assert.equal(
    await other.page.locator(".pane-body .monaco-list-row").filter({ hasText: "is down" }).count(),
    0,
  );
  await other.screenshot("alert-in-view");

  const notice = await notification(teller, "is down");
  await notice.getByRole("button", { name: "Show Output" }).click();
  await teller.page.locator(".panel .view-lines").getByText("my last words").waitFor();
  assert.equal((await runCli(["start", "web", "--cwd", folder], { home })).code, 0);
  await row(other, new RegExp(`web.*:${port}`)).waitFor();

  // The user who started it again is told again, and can start it from there.
  await fetch(`http://127.0.0.1:${port}/end`).catch(() => undefined);
  await waitFor("one to tell again", async () => (await told()).some((count) => count > 0));
  const again = (await toldIn(teller)) > 0 ? teller : other;
  await (await notification(again, "is down")).getByRole("button", { name: "Restart" }).click();
  await statusShows(again, "web", new RegExp(`web :${port}`));

  // An app that no file has any more, and that has failed, is dismissed on its row.
  writeFileSync(join(folder, "devlatch.json"), JSON.stringify({ apps: {} }));
  writeFileSync(join(folder, "package.json"), "{}");
  await fetch(`http://127.0.0.1:${port}/end`).catch(() => undefined);
  const failed = row(again, /web.*failed/);
  await pressOn(failed, "Dismiss");
  await failed.waitFor({ state: "detached" });
});
