import type { Browser, Page } from "playwright-core";
import { takeScreenshot } from "../../support/browser.ts";
import { patienceMs, waitFor } from "../../support/wait.ts";
import type { BundledSuite } from "./bundle.ts";
import type { SuiteResult } from "./protocol.ts";
import { readResults } from "./results.ts";

export interface WindowOptions {
  /** Absolute real path of the folder to open. */
  readonly folder: string;
  /** Absolute path of the extension under development, with its package.json; none: a bare window. */
  readonly extension?: string;
  /** The editor's language, as a language pack would set it; English unless told. */
  readonly language?: string;
  /** A suite to run in the extension host; none: the window is for driving by hand. */
  readonly tests?: BundledSuite;
}

/** One window of a real VS Code. */
export interface VsCodeWindow {
  /** The page, for clicking and looking. */
  readonly page: Page;
  /** What the window's console has printed, for failures. */
  console(): string;
  /** Saves test/.output/screenshots/NAME.png. @returns the file */
  screenshot(name: string): Promise<string>;
  /** Opens the command palette and runs the command with this title. */
  runCommand(title: string): Promise<void>;
  /** The suite's results, once it has finished. @param timeoutMs ten minutes unless told */
  results(timeoutMs?: number): Promise<SuiteResult>;
  /** Closes it as a user does: the extension host ends. */
  close(): Promise<void>;
}

/** Opens a window and waits until its workbench stands. */
export async function openWindow(
  browser: Browser,
  authority: string,
  options: WindowOptions,
): Promise<VsCodeWindow> {
  // A context each: a page behind another one of its context is in the background and doesn't draw.
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  context.setDefaultTimeout(patienceMs);
  const page = await context.newPage();
  const lines: string[] = [];
  page.on("console", (message) => lines.push(`${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => lines.push(`page error: ${error.message}`));
  if (options.language !== undefined) await page.addInitScript(speak, options.language);
  await page.goto(address(authority, options));
  await page.locator(".monaco-workbench .part.statusbar").waitFor();
  return {
    page,
    console: () => lines.join("\n"),
    screenshot: (name) => takeScreenshot(page, name),
    runCommand: (title) => runCommand(page, title),
    results: (timeoutMs = 600_000) => awaitResults(options.tests, lines, timeoutMs),
    close: () => close(page),
  };
}

/** What the workbench goes by, in a page as on a desktop. Runs in the page. */
function speak(language: string): void {
  const fixed = { get: () => language, set: () => {} };
  Object.defineProperty(globalThis, "_VSCODE_NLS_LANGUAGE", fixed);
}

function address(authority: string, { folder, extension, tests }: WindowOptions): string {
  const remote = (path: string) => `vscode-remote://${authority}${path}`;
  const payload: [string, string][] = [];
  if (extension !== undefined) payload.push(["extensionDevelopmentPath", remote(extension)]);
  if (tests !== undefined) payload.push(["extensionTestsPath", remote(tests.module)]);
  const query = new URLSearchParams({ folder });
  if (payload.length > 0) query.set("payload", JSON.stringify(payload));
  return `http://${authority}/?${query}`;
}

/**
 * The palette doesn't show commands of extensions that load while it is open, and closes where something else takes the
 * focus: asks again until it is clicked, each time with more patience, for a busy machine.
 */
async function runCommand(page: Page, title: string): Promise<void> {
  const input = page.locator(".quick-input-widget input").first();
  const entry = page.locator(".quick-input-list .monaco-list-row").filter({ hasText: title }).first();
  let patience = 1_000;
  const ask = async () => {
    await page.bringToFront();
    await page.keyboard.press("F1");
    const isRun = await input
      .fill(`>${title}`, { timeout: 5 * patience })
      .then(() => entry.waitFor({ timeout: patience }))
      .then(() => entry.click({ timeout: 5 * patience }))
      .then(
        () => true,
        () => false,
      );
    patience = Math.min(2 * patience, 30_000);
    if (!isRun) await page.keyboard.press("Escape");
    return isRun;
  };
  await waitFor(`the command "${title}" in the palette`, ask);
}

/** Unload handlers tell the server that the window is gone for good; without them it waits for a reconnection. */
async function close(page: Page): Promise<void> {
  if (page.isClosed()) return;
  const closed = page.waitForEvent("close");
  page.on("dialog", (dialog) => void dialog.accept().catch(() => {}));
  await page.close({ runBeforeUnload: true });
  await closed;
}

async function awaitResults(
  tests: BundledSuite | undefined,
  lines: readonly string[],
  timeoutMs: number,
): Promise<SuiteResult> {
  if (tests === undefined) throw new Error("This window was opened without a suite.");
  const finished = () => {
    const results = readResults(tests);
    return results?.finished === true ? results : undefined;
  };
  return waitFor("the suite to finish in VS Code", finished, {
    timeoutMs,
    intervalMs: 50,
    describe: () => {
      const soFar = readResults(tests);
      const stuck = soFar === undefined ? "It never began." : `It was in: ${soFar.running}`;
      return `${stuck}\nThe window's console:\n${lines.slice(-30).join("\n")}`;
    },
  });
}
