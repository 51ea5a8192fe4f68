import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { AxeResults } from "axe-core";
import type { Page } from "playwright-core";
import { pageHtml } from "../../../extension/webview/html.ts";
import type { PageTexts } from "../../../extension/webview/page-texts.ts";
import { openBrowser } from "../../support/browser.ts";
import type { Owner } from "../../support/owner.ts";
import { repository } from "../../support/paths.ts";

const origin = "http://page.test";

interface Theme {
  readonly class: string;
  readonly variables: Readonly<Record<string, string>>;
}

const recorded = readFileSync(join(repository, "test/fixtures/themes.json"), "utf8");
/** What the editor's own themes say to pages, recorded in VS Code 1.139: its variables, and the body's classes. */
export const themes = JSON.parse(recorded) as Readonly<
  Record<"light" | "dark" | "contrast" | "contrast-light", Theme>
>;
export type ThemeName = keyof typeof themes;
export const themeNames = Object.keys(themes) as ThemeName[];

/** What the editor styles pages with, below their own styles. */
const editorStyles = `@layer vscode-default {
  body { background: transparent; color: var(--vscode-editor-foreground); font-family: var(--vscode-font-family);
    font-size: var(--vscode-font-size); margin: 0; padding: 0 20px; }
  code { color: var(--vscode-textPreformat-foreground); background-color: var(--vscode-textPreformat-background);
    padding: 1px 3px; border-radius: 4px; }
}
`;

/** A page in a browser, and the editor's end of its messages. */
export interface PageInBrowser {
  readonly page: Page;
  /** Errors of its script, and what its policy refused. */
  readonly troubles: readonly string[];
  /** What the page told the editor. */
  told<T extends object>(): Promise<readonly T[]>;
  /** Tells it what to show. */
  send(message: object): Promise<void>;
  /** Gives it a theme's colours, as the editor does. */
  wear(theme: ThemeName): Promise<void>;
}

/** Opens a built page as the editor serves it, with its policy. */
export async function openInBrowser(
  owner: Owner,
  { name, title }: { readonly name: "dashboard" | "phone"; readonly title: string },
  viewport = { width: 1100, height: 760 },
  spoken: PageTexts = { language: "en", texts: {} },
): Promise<PageInBrowser> {
  const browser = await openBrowser(owner);
  const page = await browser.newPage({ viewport });
  const troubles: string[] = [];
  page.on("pageerror", ({ message }) => troubles.push(message));
  page.on("console", (message) => message.type() === "error" && troubles.push(message.text()));
  const html = pageHtml(
    { script: `${origin}/${name}.js`, style: `${origin}/${name}.css`, origin, title, spoken },
    "once",
  );
  const dist = (file: string) => readFileSync(join(repository, "dist", file), "utf8");
  await page.route(`${origin}/**`, (route) => {
    const { pathname } = new URL(route.request().url());
    if (pathname === "/") return route.fulfill({ contentType: "text/html", body: html });
    if (pathname === `/${name}.css`)
      return route.fulfill({ contentType: "text/css", body: `${editorStyles}${dist(`${name}.css`)}` });
    if (pathname === `/${name}.js`)
      return route.fulfill({ contentType: "text/javascript", body: dist(`${name}.js`) });
    return route.fulfill({ body: "" });
  });
  await page.addInitScript(() => {
    const told: object[] = [];
    const postMessage = (message: object) => told.push(message);
    Object.assign(globalThis, { told, acquireVsCodeApi: () => ({ postMessage }) });
  });
  await page.goto(`${origin}/`);
  const wear = (theme: ThemeName) => dress(page, themes[theme]);
  await wear("light");
  return {
    page,
    troubles,
    wear,
    told: <T extends object>() => page.evaluate(() => Reflect.get(globalThis, "told") as T[]),
    send: (message) =>
      page.evaluate((data) => {
        globalThis.dispatchEvent(new MessageEvent("message", { data }));
      }, message),
  };
}

/** As the editor does it: variables on the root, and the body's classes. */
async function dress(page: Page, theme: Theme): Promise<void> {
  await page.evaluate(({ class: className, variables }) => {
    const root = document.documentElement;
    root.removeAttribute("style");
    for (const [key, value] of Object.entries(variables)) root.style.setProperty(`--vscode-${key}`, value);
    // The editor lays the page over its own ground.
    root.style.background = variables["editor-background"] ?? "";
    document.body.className = className;
  }, theme);
}

const axe = readFileSync(join(repository, "node_modules/axe-core/axe.min.js"), "utf8");

/** Asserts that axe finds nothing serious or critical on the page, in any of the editor's themes. */
export async function assertAccessible({ page, wear }: PageInBrowser): Promise<void> {
  // The page's policy lets nothing but its own script in; the browser's own door isn't under it.
  await page.evaluate(axe);
  for (const theme of themeNames) {
    await wear(theme);
    const { violations, passes } = await page.evaluate<AxeResults>("axe.run()");
    const grave = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
    const found = grave.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html}\n${failureSummary}`),
    );
    assert.deepEqual(found, [], theme);
    assert.ok(passes.length > 10, "axe looked");
  }
  await wear("light");
}

/** What has the focus when Tab is pressed again and again from the page's beginning, each by its name. */
export async function walkByKeyboard({ page }: PageInBrowser, most = 100): Promise<readonly string[]> {
  await page.evaluate(() => {
    document.body.tabIndex = -1;
    document.body.focus();
    document.body.removeAttribute("tabindex");
  });
  const walked: string[] = [];
  while (walked.length < most) {
    await page.keyboard.press("Tab");
    const name = await page.evaluate(() => {
      const at = document.activeElement;
      if (at === null || at === document.body) return undefined;
      const { outlineStyle, outlineWidth } = getComputedStyle(at);
      const isSeen = outlineStyle !== "none" && Number.parseFloat(outlineWidth) > 0;
      const words = at.getAttribute("aria-label") ?? at.textContent;
      return `${isSeen ? "" : "unseen: "}${at.localName} ${words}`;
    });
    if (name === undefined) break;
    walked.push(name);
  }
  return walked;
}
