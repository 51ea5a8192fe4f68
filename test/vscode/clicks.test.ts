import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { Locator } from "playwright-core";
import { runCli } from "../support/cli.ts";
import { createHome } from "../support/home.ts";
import { repository } from "../support/paths.ts";
import { freePort } from "../support/ports.ts";
import { prepareProject } from "../support/projects.ts";
import { startVsCode } from "./support/server.ts";
import type { VsCodeWindow } from "./support/window.ts";
import {
  clickLate,
  notification,
  openWalkthrough,
  pickInMenu,
  pressOn,
  row,
  showSideBar,
  statusItem,
  statusShows,
  walkthroughStep,
} from "./window-parts.ts";

/** What a person presses on the way, and for how long they wait. */
class Clicks {
  readonly #since = performance.now();
  count = 0;

  async on(target: Locator): Promise<void> {
    this.count += 1;
    await target.click();
  }

  toString(): string {
    return `${this.count} clicks, ${Math.round(performance.now() - this.#since)} ms`;
  }
}

test("from an empty profile and an unknown project it is two clicks to the page, in the status bar as in the sidebar; none is lost", async (t) => {
  const home = createHome(t);
  // The terminal's text is in the document, where tests can read it.
  const settings = { "terminal.integrated.gpuAcceleration": "off" };
  const vscode = await startVsCode(t, { env: { DEVLATCH_HOME: home.directory }, settings });
  const port = await freePort();
  const folder = await unknownProject(t, port);
  const window = await vscode.openWindow({ folder, extension: repository });

  // Before the window has its daemon, a click has nothing to start.
  await statusItem(window, "web").locator('xpath=self::*[contains(@aria-label, "web, stopped")]').waitFor();
  const bar = new Clicks();
  await bar.on(statusItem(window, "web"));
  await statusShows(window, "web", /web :\d+/);
  // Toasts are there without a click; the smoke test driver has only the centre they go to.
  const ready = await notification(window, "web is ready at");
  await pageOpensBy(window, port, () => bar.on(ready.getByRole("button", { name: "Open in Browser" })));
  await window.screenshot("two-clicks-status-bar");
  assert.equal(bar.count, 2);
  t.diagnostic(`status bar: ${bar}`);
  await pickInMenu(window, "web", "Open Preview");
  // What it shows comes from a domain for webviews, which a closed network hasn't.
  await window.page.locator(".tab").filter({ hasText: "Simple Browser" }).waitFor();
  await pickInMenu(window, "web", "Stop");
  await statusShows(window, "web", /^\s*web\s*$/);

  await showSideBar(window);
  const sidebar = new Clicks();
  await sidebar.on(row(window, "web"));
  await row(window, /web.*:\d+/).hover();
  await pageOpensBy(window, port, () =>
    sidebar.on(row(window, "web").getByRole("button", { name: "Open in Browser" })),
  );
  assert.equal(sidebar.count, 2);
  t.diagnostic(`sidebar: ${sidebar}`);
  await pickInMenu(window, "web", "Stop");
  await statusShows(window, "web", /^\s*web\s*$/);

  // No click is lost on what is just drawn anew.
  const byHand = (verb: string) => async () => {
    assert.equal((await runCli([verb, "web", "--cwd", folder], { home })).code, 0);
  };
  await clickLate(statusItem(window, "web"), byHand("start"));
  await window.page.locator(".quick-input-list .monaco-list-row").filter({ hasText: "Restart" }).waitFor();
  await window.page.keyboard.press("Escape");
  await row(window, /web.*:\d+/).waitFor();
  await clickLate(row(window, "web"), byHand("stop"));
  await window.page.locator(".panel .xterm-rows").getByText("Press Enter to start it").waitFor();
});

test("a new user's window", async (t) => {
  const home = createHome(t);
  const vscode = await startVsCode(t, { env: { DEVLATCH_HOME: home.directory } });
  const folder = await unknownProject(t, await freePort(), {
    "dev:api": "node --watch api.js",
    docs: "vitepress dev",
  });
  const window = await vscode.openWindow({ folder, extension: repository });
  await t.test("each step of the walkthrough is done by the button that it has", () => walkThrough(window));
  await t.test(
    "a server that is there only as a script is added by its row's button, or by the lens above it",
    () => addScripts(window, folder),
  );
});

/** The steps of the walkthrough, and the button that each of them ends by. */
const steps = [
  ["see", "Show Servers"],
  ["start", "Start Server"],
  ["ready", "Open Preview"],
  ["share", "Open a Terminal"],
] as const;

async function walkThrough(window: VsCodeWindow): Promise<void> {
  const { page } = window;
  await statusItem(window, "web").locator('xpath=self::*[contains(@aria-label, "web, stopped")]').waitFor();
  await page.setViewportSize({ width: 1400, height: 800 });
  await openWalkthrough(window);
  const isDone = page.locator('[aria-checked="true"]');
  for (const [id] of steps) assert.equal(await walkthroughStep(window, id).and(isDone).count(), 0, id);
  for (const [id, title] of steps) {
    const step = walkthroughStep(window, id);
    if ((await step.getAttribute("aria-expanded")) !== "true") await step.click();
    await window.screenshot(`walkthrough-${id}`);
    await step.getByText(title).click();
    if (id === "start") await statusShows(window, "web", /web :\d+/);
    if (id === "ready") {
      // It takes the place of the walkthrough.
      await page.locator(".tab").filter({ hasText: "Simple Browser" }).waitFor();
      await openWalkthrough(window);
    }
    await step.and(isDone).waitFor();
  }
  await pickInMenu(window, "web", "Stop");
  await statusShows(window, "web", /^\s*web\s*$/);
}

async function addScripts(window: VsCodeWindow, folder: string): Promise<void> {
  await showSideBar(window);
  const apps = () => JSON.parse(readFileSync(join(folder, "devlatch.json"), "utf8")).apps;
  const unset = row(window, /api.*not set up · node --watch api.js/);
  await unset.hover();
  await window.screenshot("not-set-up");
  await pressOn(unset, "Add");
  await row(window, /api.*stopped/).waitFor();
  assert.deepEqual(apps(), { api: { command: "npm run dev:api" } });

  await row(window, /docs.*not set up/).click();
  await window.page.locator(".codelens-decoration a").filter({ hasText: "Set up docs" }).click();
  await row(window, /docs.*stopped/).waitFor();
  assert.deepEqual(Object.keys(apps()), ["api", "docs"]);
}

test("an untrusted workspace shows what could be started, and leads by one button to trust and on to a large one that starts it", async (t) => {
  const home = createHome(t);
  const vscode = await startVsCode(t, { env: { DEVLATCH_HOME: home.directory }, trusted: false });
  const port = await freePort();
  const window = await vscode.openWindow({ folder: await unknownProject(t, port), extension: repository });
  const { page } = window;
  const clicks = new Clicks();

  await showSideBar(window);
  await row(window, /web.*npm run dev/).waitFor();
  await window.screenshot("untrusted");
  await clicks.on(pageOfView(window).getByRole("button", { name: "Trust This Workspace…" }));
  await clicks.on(
    page
      .locator(".workspace-trust-editor .monaco-button")
      .filter({ hasText: /^Trust$/ })
      .first(),
  );
  const start = pageOfView(window).getByRole("button", { name: `Start web (npm run dev, port ${port})` });
  await start.waitFor();
  await window.screenshot("begin");
  await clicks.on(start);
  await statusShows(window, "web", new RegExp(`web :${port}`));
  await pageOfView(window).locator("body").waitFor({ state: "detached" });
  assert.equal(clicks.count, 3);
  t.diagnostic(`from restricted mode: ${clicks}`);
  await pickInMenu(window, "web", "Stop");
  await statusShows(window, "web", /^\s*web\s*$/);
});

/** The page within a view of the side bar. */
function pageOfView({ page }: VsCodeWindow) {
  return page.frameLocator("iframe.webview").frameLocator("iframe#active-frame");
}

/** Waits until an act has opened the server's own page. */
async function pageOpensBy({ page }: VsCodeWindow, port: number, act: () => Promise<void>): Promise<void> {
  const opened = page.waitForEvent("popup");
  await act();
  const shown = await opened;
  // The editor's server leads to a proxy beside it, which only code-server's own front door has.
  await shown.waitForURL(new RegExp(`[:/]${port}/`));
  await shown.goto(`http://127.0.0.1:${port}/`);
  await shown.getByText("Hello from plain").waitFor();
  await shown.close();
}

/** A project as the developer's own files have it: no one has configured anything for Devlatch. */
async function unknownProject(
  t: TestContext,
  port: number,
  others: Readonly<Record<string, string>> = {},
): Promise<string> {
  const folder = await prepareProject("plain", t);
  const file = join(folder, "package.json");
  const manifest = JSON.parse(readFileSync(file, "utf8"));
  writeFileSync(
    file,
    JSON.stringify({ ...manifest, scripts: { dev: `PORT=${port} node server.js`, ...others } }),
  );
  return folder;
}
