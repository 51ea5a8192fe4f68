import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { runProgram } from "../support/child.ts";
import { runCli } from "../support/cli.ts";
import { createHome, type TestHome } from "../support/home.ts";
import { repository } from "../support/paths.ts";
import { drawIcon, savePicture, updatesPictures } from "../support/pictures.ts";
import { prepareProject } from "../support/projects.ts";
import { readZip } from "../support/zip.ts";
import { startVsCode } from "./support/server.ts";
import type { VsCodeWindow } from "./support/window.ts";
import {
  openWalkthrough,
  pictureThemes,
  row,
  showSideBar,
  statusItem,
  statusShows,
  walkthroughStep,
  wearTheme,
  webview,
} from "./window-parts.ts";

// All pictures of docs, from the real window with real servers:
//   DEVLATCH_UPDATE_PICTURES=1 node test/run.ts test/vscode/pictures.test.ts

/** How long the servers of the dashboard live before it is taken, in seconds. */
const lifeSeconds = Number(process.env["DEVLATCH_PICTURES_LIFE"] ?? 300);

/** The ports that a reader expects. */
const ports = { web: 3000, mobile: 8081, api: 4100 };

const docs = join(repository, "docs");
const themes = Object.keys(pictureThemes) as (keyof typeof pictureThemes)[];

/** An API that works for its answers, and ends where it is told to. */
const api = `import { createServer } from "node:http";
createServer((request, answer) => {
  if (request.url === "/crash") setTimeout(() => { throw new Error("connect ECONNREFUSED 127.0.0.1:5432"); }, 10);
  const until = performance.now() + 30 * Math.random();
  while (performance.now() < until) Math.sqrt(until);
  answer.end("{}");
}).listen(process.env.PORT);
`;

test("the pictures of docs", { skip: !updatesPictures }, async (t) => {
  const home = createHome(t);
  const settings = { "terminal.integrated.gpuAcceleration": "off" };
  const extensions = { "devlatch.devlatch-0.1.0": await packedExtension(t) };
  const vscode = await startVsCode(t, { env: { DEVLATCH_HOME: home.directory }, settings, extensions });
  const prepared = await prepareProject("next", t);
  const folder = join(dirname(prepared), "shop");
  renameSync(prepared, folder);
  writeShowcase(folder);
  await drawIcon(
    readFileSync(join(repository, "extension/media/devlatch.svg"), "utf8"),
    join(repository, "extension/media/icon.png"),
  );
  const window = await vscode.openWindow({ folder });
  await window.page.setViewportSize({ width: 1100, height: 680 });
  await startServers(window);
  await takeSideBar(window);
  await takeStatusBar(window);
  await Promise.all([live(folder, home), takeWalkthrough(window)]);
  await takeDashboard(window);
  await takeExtensionPage(window);
});

/** The extension as it is packed, unpacked: its page, pictures and texts are those that a user gets. */
async function packedExtension(t: TestContext): Promise<string> {
  const directory = mkdtempSync(join(realpathSync(tmpdir()), "dl-pictures-"));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const packed = await runProgram(process.execPath, [".ci/packages/main.ts", "--out", directory], {
    cwd: repository,
  });
  assert.equal(packed.code, 0, packed.stdout + packed.stderr);
  for (const { path, mode, read } of readZip(readFileSync(join(directory, "devlatch.vsix")))) {
    await mkdir(join(directory, dirname(path)), { recursive: true });
    writeFileSync(join(directory, path), read(), { mode });
  }
  return join(directory, "extension");
}

/** Three apps: what is ready, what is stopped, and what crashes once. */
function writeShowcase(folder: string): void {
  writeFileSync(join(folder, "api.mjs"), api);
  const apps = {
    web: { command: "npm run dev", port: ports.web, env: { NEXT_TELEMETRY_DISABLED: "1" } },
    mobile: { command: "npx expo start", port: ports.mobile },
    api: { command: "node api.mjs", port: ports.api },
  };
  writeFileSync(join(folder, "devlatch.json"), JSON.stringify({ apps }, null, 2));
}

async function startServers(window: VsCodeWindow): Promise<void> {
  await showSideBar(window);
  await statusShows(window, "web", /web/);
  await statusItem(window, "web").click();
  await statusShows(window, "web", new RegExp(`web :${ports.web}`));
  await row(window, "api").hover();
  await row(window, "api").getByRole("button", { name: "Start Server" }).click();
  await row(window, `api:${ports.api}`).waitFor();
  await row(window, "web").click();
  await window.page.locator(".xterm-rows").getByText("Ready in").first().waitFor();
}

async function takeSideBar(window: VsCodeWindow): Promise<void> {
  const { page } = window;
  const below = page.locator(".pane-body .monaco-list").first();
  await below.click({ position: { x: 120, y: 110 } });
  for (const theme of themes) {
    await wearTheme(window, theme);
    await page.mouse.move(700, 200);
    await savePicture(page, join(docs, theme === "light" ? "sidebar.png" : `pictures/sidebar-${theme}.png`));
  }
  await wearTheme(window, "light");
}

async function takeStatusBar(window: VsCodeWindow): Promise<void> {
  const { page } = window;
  await statusItem(window, "web").hover();
  await page.locator(".monaco-hover").getByText("Ready at").waitFor();
  const height = 330;
  const { height: whole = 680 } = page.viewportSize() ?? {};
  const clip = { x: 0, y: whole - height, width: 560, height };
  await savePicture(page, join(docs, "status-bar.png"), { clip });
}

/** What happens to servers in a while: work, a build error that is repaired, a crash. */
async function live(folder: string, home: TestHome): Promise<void> {
  const ask = (port: number, path = "/") =>
    fetch(`http://localhost:${port}${path}`).then(
      (answer) => answer.text(),
      () => "",
    );
  const source = join(folder, "app/page.js");
  const good = readFileSync(source, "utf8");
  const happenings = new Map<number, () => unknown>([
    [Math.round(lifeSeconds * 0.3), () => writeFileSync(source, `${good}\nexport const broken = (;\n`)],
    [Math.round(lifeSeconds * 0.36), () => writeFileSync(source, good)],
    [Math.round(lifeSeconds * 0.8), () => ask(ports.api, "/crash")],
  ]);
  for (let second = 0; second < lifeSeconds; second++) {
    await happenings.get(second)?.();
    if (second % 15 === 0) await runCli(["health"], { home });
    const visits = 2 + Math.round(6 * Math.abs(Math.sin(second / 17)));
    for (let visit = 0; visit < visits; visit++) await Promise.all([ask(ports.web), ask(ports.api)]);
    await pause(1_000);
  }
}

async function takeWalkthrough(window: VsCodeWindow): Promise<void> {
  const { page } = window;
  await window.runCommand("View: Hide Panel");
  // It would tell how busy the machine is with this.
  await page.locator(".pane-header").filter({ hasText: "Health" }).click();
  await page.setViewportSize({ width: 1400, height: 760 });
  for (const theme of themes) {
    await wearTheme(window, theme);
    await openWalkthrough(window);
    await walkthroughStep(window, "start").click();
    await webview(window, ":3000");
    await page.mouse.move(900, 10);
    await savePicture(page, join(docs, `pictures/walkthrough-${theme}.png`));
    // One that is open would show the list of all walkthroughs next time.
    await page.locator(".tab").filter({ hasText: "Welcome" }).click({ button: "middle" });
  }
}

async function takeDashboard(window: VsCodeWindow): Promise<void> {
  const { page } = window;
  await page.setViewportSize({ width: 1400, height: 960 });
  await window.runCommand("Devlatch: Open Dashboard");
  const dashboard = await webview(window, "Latency of store");
  await dashboard.locator("canvas").first().waitFor();
  // A machine that is busy with this is no news.
  if ((await dashboard.locator("details.checks[open]").count()) > 0)
    await dashboard.locator("details.checks > summary").click();
  for (const theme of themes) {
    await wearTheme(window, theme);
    await page.mouse.move(900, 10);
    await savePicture(page, join(docs, `pictures/dashboard-${theme}.png`));
  }
}

async function takeExtensionPage(window: VsCodeWindow): Promise<void> {
  const { page } = window;
  await page.setViewportSize({ width: 1400, height: 960 });
  await window.runCommand("Extensions: Show Installed Extensions");
  await page.locator(".extensions-list .monaco-list-row").filter({ hasText: "Devlatch" }).first().click();
  const shown = await webview(window, "However often it is asked for");
  assert.equal(await shown.locator("img").count(), 0, "what isn't on the web is shown as broken");
  for (const theme of themes) {
    await wearTheme(window, theme);
    await page.mouse.move(900, 10);
    await savePicture(page, join(docs, `pictures/extension-${theme}.png`));
  }
}
