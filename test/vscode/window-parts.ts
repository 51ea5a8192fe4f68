import assert from "node:assert/strict";
import type { Frame, Locator, Page } from "playwright-core";
import { patienceMs, waitFor } from "../support/wait.ts";
import type { VsCodeWindow } from "./support/window.ts";

/** The status bar's item of an app, by its own id: the text changes with the state. */
export function statusItem({ page }: VsCodeWindow, app: string): Locator {
  return page.locator(`[id="devlatch.devlatch.devlatch.${app}"]`);
}

/** Waits until an app's item has this text. */
export async function statusShows(
  window: VsCodeWindow,
  app: string,
  text: RegExp,
  timeout = patienceMs,
): Promise<void> {
  await statusItem(window, app).filter({ hasText: text }).waitFor({ timeout });
}

/** Holds up the page until the browser has a cookie, which it can be given from outside. */
const holdUp = `() => {
  setTimeout(() => { while (!document.cookie.includes("goOn=1")); document.cookie = "goOn=; max-age=0"; }, 0);
}`;

/**
 * Clicks on what the page still shows while the extension has it drawn anew already: the page is held up meanwhile, as one
 * is that is far from its server.
 * @param change has it drawn anew
 */
export async function clickLate(target: Locator, change: () => Promise<void>): Promise<void> {
  const page = target.page();
  const { x, y, width, height } = (await target.boundingBox()) ?? assert.fail("it isn't there");
  const at = { x: x + width / 2, y: y + height / 2 };
  await page.mouse.move(at.x, at.y);
  const browser = await page.context().newCDPSession(page);
  await page.evaluate(`(${holdUp})()`);
  await change();
  const press = { ...at, button: "left", clickCount: 1 } as const;
  // The page takes neither before it goes on.
  const pressed = (["mousePressed", "mouseReleased"] as const).map((type) =>
    browser.send("Input.dispatchMouseEvent", { ...press, type }),
  );
  await page.context().addCookies([{ name: "goOn", value: "1", url: page.url() }]);
  await Promise.all(pressed);
  await browser.detach();
}

/** Clicks the item of an app that runs, and picks from its menu. */
export async function pickInMenu(window: VsCodeWindow, app: string, title: string): Promise<void> {
  const entry = window.page.locator(".quick-input-list .monaco-list-row").filter({ hasText: title });
  // A menu closes when something else takes the focus, as a view does that goes.
  await waitFor(`${title} in the menu of ${app}`, async () => {
    await statusItem(window, app).click();
    return entry
      .first()
      .click({ timeout: 5_000 })
      .then(
        () => true,
        () => window.page.keyboard.press("Escape").then(() => false),
      );
  });
}

/** Row of a view in the side bar. */
export function row({ page }: VsCodeWindow, text: string | RegExp): Locator {
  return page.locator(".pane-body .monaco-list-row").filter({ hasText: text }).first();
}

/** Presses a button that a row shows while the pointer is on it: one that is drawn anew meanwhile needs another move. */
export async function pressOn(row: Locator, button: string): Promise<void> {
  const found = row.getByRole("button", { name: button });
  await waitFor(`${button} on its row`, async () => {
    await row.page().mouse.move(0, 0);
    await row.hover();
    return found.click({ timeout: 1_000 }).then(
      () => true,
      () => false,
    );
  });
}

/** Unfolds a view of the side bar, where it is folded. */
export async function unfold({ page }: VsCodeWindow, view: string): Promise<void> {
  const header = page.locator(".pane-header").filter({ hasText: view }).first();
  await header.waitFor();
  if ((await header.getAttribute("aria-expanded")) === "false") await header.click();
}

/** The modal dialog. */
export function dialog({ page }: VsCodeWindow): Locator {
  return page.locator(".monaco-dialog-box");
}

/**
 * The notification centre, opened: the smoke test driver, without which no development extension is loaded, has no
 * toasts.
 */
export async function notificationCenter({ page }: VsCodeWindow): Promise<Locator> {
  const center = page.locator(".notifications-center.visible");
  if (!(await center.isVisible())) await page.locator("[id='status.notifications']").click();
  // A pointer that rests there brings up a tooltip, which lies over the notifications.
  await page.mouse.move(0, 0);
  return center;
}

/** A notification that contains this text. */
export async function notification(window: VsCodeWindow, text: string | RegExp): Promise<Locator> {
  const center = await notificationCenter(window);
  const found = center.locator(".monaco-list-row").filter({ hasText: text }).first();
  await found.waitFor();
  return found;
}

/** The page of a webview that contains this text; the editor shows each in frames of its own. */
export async function webview({ page }: VsCodeWindow, text: string): Promise<Frame> {
  return waitFor(`a webview with "${text}"`, async () => {
    for (const frame of page.frames()) {
      const found = await frame
        .getByText(text)
        .count()
        .catch(() => 0);
      if (found > 0 && frame !== page.mainFrame()) return frame;
    }
    return undefined;
  });
}

/** Themes that pictures are taken in, by the editor's names for them. */
export const pictureThemes = {
  light: "Light 2026",
  dark: "Dark 2026",
  contrast: "Dark High Contrast",
} as const;

/** Puts on a theme of the editor's, as a person does. */
export async function wearTheme(window: VsCodeWindow, theme: keyof typeof pictureThemes): Promise<void> {
  const { page } = window;
  const label = pictureThemes[theme];
  await window.runCommand("Preferences: Color Theme");
  const list = page.locator(".quick-input-list .monaco-list-row");
  // What is typed before the list is there is forgotten.
  await list.first().waitFor();
  await waitFor(`the theme ${label} in the list`, async () => {
    await page.locator(".quick-input-widget input").first().fill(label);
    return list.filter({ hasText: label }).first().isVisible();
  });
  await list.filter({ hasText: label }).first().click();
  const classes = { light: ".vs", dark: ".vs-dark", contrast: ".hc-black" } as const;
  await page.locator(`.monaco-workbench${classes[theme]}`).waitFor();
}

/** Opens the walkthrough of Devlatch. */
export async function openWalkthrough(window: VsCodeWindow): Promise<void> {
  await window.runCommand("Welcome: Open Walkthrough...");
  const entry = window.page.locator(".quick-input-list .monaco-list-row");
  await entry.filter({ hasText: "A running server in two clicks" }).first().click();
  await walkthroughStep(window, "see").waitFor();
}

/** A step of the walkthrough, by its id. */
export function walkthroughStep({ page }: VsCodeWindow, id: string): Locator {
  return page.locator(`.getting-started-step[data-step-id="devlatch.devlatch#start#${id}"]`).first();
}

/** Shows the activity bar's container of Devlatch. */
export async function showSideBar(window: VsCodeWindow): Promise<void> {
  const servers = window.page.locator(".pane-header").filter({ hasText: "Servers" }).first();
  // A second click would hide it.
  if (await servers.isVisible()) return;
  await window.page.locator('.activitybar .action-label[aria-label^="Devlatch"]').first().click();
  await servers.waitFor();
}

/** Runs in the page, which has what Node hasn't: a document and its observer. */
const noteWhen = `(wanted) => new Promise((resolve) => {
  const bar = document.querySelector(".part.statusbar");
  const observer = new MutationObserver(() => check());
  const check = () => {
    if (!bar.textContent.includes(wanted)) return;
    observer.disconnect();
    resolve(Date.now());
  };
  observer.observe(bar, { subtree: true, childList: true, characterData: true });
  check();
})`;

/**
 * Notes when the status bar first shows this text, in the page itself.
 * @returns when it did, in milliseconds since the epoch
 */
export function whenStatusBarShows(page: Page, text: string): Promise<number> {
  return page.evaluate<number>(`(${noteWhen})(${JSON.stringify(text)})`);
}
