import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";
import { findProgram } from "./install/debian.ts";
import { MissingPrerequisite } from "./install/report.ts";
import type { Owner } from "./owner.ts";
import { outputDirectory } from "./paths.ts";

/** No sandbox: tests run as root in containers. The rest keeps the browser from talking to the world. */
const flags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Starts the system's Chromium without a window; it ends with its owner. */
export async function openBrowser(owner: Owner): Promise<Browser> {
  const executablePath = ["chromium", "chromium-browser", "google-chrome"].map(findProgram).find(Boolean);
  if (executablePath === undefined) {
    throw new MissingPrerequisite("Chromium is missing. On Debian: apt-get install -y chromium");
  }
  const browser = await chromium.launch({ executablePath, args: flags, headless: true });
  owner.after(() => browser.close());
  return browser;
}

/** Saves what the page shows as test/.output/screenshots/NAME.png. @returns the file */
export async function takeScreenshot(page: Page, name: string): Promise<string> {
  const path = join(outputDirectory, "screenshots", `${name}.png`);
  mkdirSync(dirname(path), { recursive: true });
  await page.screenshot({ path, animations: "disabled" });
  return path;
}
