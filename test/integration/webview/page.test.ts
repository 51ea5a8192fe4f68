import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { dashboardHtml } from "../../../extension/webview/html.ts";
import type { DashboardData, Series } from "../../../extension/webview/page-data.ts";
import { openBrowser, takeScreenshot } from "../../support/browser.ts";
import type { Owner } from "../../support/owner.ts";
import { repository } from "../../support/paths.ts";

const origin = "http://page.test";
const minute = 60_000;
const now = Date.UTC(2026, 0, 1, 12);

/** The editor's variables, as far as the page uses them. */
const themes = {
  light: {
    foreground: "#3b3b3b",
    "editor-background": "#ffffff",
    "charts-blue": "#1a85ff",
    "charts-red": "#e51400",
  },
  dark: {
    foreground: "#cccccc",
    "editor-background": "#1f1f1f",
    "charts-blue": "#3794ff",
    "charts-red": "#f14c4c",
  },
  contrast: {
    foreground: "#ffffff",
    "editor-background": "#000000",
    "charts-blue": "#3794ff",
    "charts-red": "#f48771",
    contrastBorder: "#6fc3df",
  },
};
const common = {
  descriptionForeground: "#808080",
  "widget-border": "#80808044",
  "charts-green": "#388a34",
  "charts-orange": "#d18616",
  "charts-yellow": "#b89500",
  "charts-purple": "#652d90",
  "button-background": "#005fb8",
  "button-foreground": "#ffffff",
  "button-secondaryBackground": "#80808033",
  "button-secondaryForeground": "inherit",
  focusBorder: "#005fb8",
  "font-family": "sans-serif",
  "font-size": "13px",
};

function series(label: string, unit: string, value: (at: number) => number): Series {
  const times = Array.from({ length: 90 }, (_, at) => now - 15 * minute + at * 10_000);
  return { label, unit, times, points: times.map((_, at) => (at > 40 && at < 48 ? null : value(at))) };
}

const evil = "<img src=x onerror=\"document.title='owned'\">";
const data: DashboardData = {
  now,
  span: "minutes",
  away: null,
  servers: [
    {
      key: "sb_1/web",
      app: "web",
      words: `~/shop · ready · http://localhost:3000 · Claude Code · ${evil}`,
      series: [
        series("CPU", "%", (at) => 20 + 15 * Math.sin(at / 5)),
        series("Memory", "MB", (at) => 300 + at * 2),
        series("Processes", "", (at) => 4 + (at % 3)),
      ],
      marks: [
        { time: now - 14 * minute, kind: "start", text: "" },
        { time: now - 7 * minute, kind: "build error", text: evil },
        { time: now - 5 * minute, kind: "crash", text: "exited with code 1" },
        { time: now - 4.5 * minute, kind: "restart", text: "" },
      ],
    },
  ],
  latency: [series("Store", "ms", (at) => 0.3 + (at % 5) / 10), series("Database", "ms", () => 1.5)],
  locks: [
    { key: "dev_server_start:{sb_1}:web", waiters: 1, attempts: 9, wait: [0.2, 40], hold: [900, 2_100] },
  ],
  checks: [
    { name: "store", status: "healthy", summary: "answers", latencyMs: 0.4, checkedAt: Date.now() - 12_000 },
  ],
};

test("the dashboard's page draws what it is told, in the editor's colours, and can be used without eyes and mouse", async (t) => {
  const { page, troubles, show } = await openPage(t);
  await show(data);
  await page.waitForFunction(() => document.body.dataset["plots"] === "4");
  for (const theme of ["light", "dark", "contrast"] as const) {
    await wear(page, theme);
    await takeScreenshot(page, `dashboard-${theme}`);
    const [red, green, blue] = rgb(themes[theme]["charts-blue"]);
    assert.ok(await hasPixel(page, red, green, blue), `the line's colour in ${theme}`);
  }

  const [figure] = await page.locator("figure .plot").all();
  assert.match((await figure?.getAttribute("aria-label")) ?? "", /^Plot\. CPU .* %, at most .* %.*1 × crash/);
  await page.locator("figure details summary").first().focus();
  await page.keyboard.press("Enter");
  assert.match((await page.locator("figure table").first().textContent()) ?? "", /crash: exited with code 1/);
  assert.match(
    (await page.locator("details.checks summary").textContent()) ?? "",
    /^All well · checked 1\d s ago$/,
  );
  await page.getByRole("button", { name: "Day" }).press("Enter");
  assert.deepEqual(await page.evaluate(() => document.body.dataset["asked"]), "day");

  const [store] = data.checks;
  await show({ ...data, checks: store ? [{ ...store, status: "critical" }] : [] });
  assert.equal(await page.locator("details.checks table").isVisible(), true, "what isn't well is seen");

  await show({ ...data, away: "No daemon runs.", servers: [] });
  assert.equal(await page.getByRole("status").textContent(), "No daemon runs.");
  assert.equal(await page.locator("h2", { hasText: "web" }).count(), 0);
  assert.notEqual(await page.title(), "owned");
  assert.deepEqual(troubles, []);
});

/** The page as the editor serves it, with its policy, and the editor's end of the messages. */
async function openPage(owner: Owner) {
  const browser = await openBrowser(owner);
  const page = await browser.newPage({ viewport: { width: 1100, height: 760 } });
  const troubles: string[] = [];
  page.on("pageerror", ({ message }) => troubles.push(message));
  page.on("console", (message) => message.type() === "error" && troubles.push(message.text()));
  const files = { script: `${origin}/dashboard.js`, style: `${origin}/dashboard.css`, origin };
  const dist = (name: string) => readFileSync(join(repository, "dist", name), "utf8");
  await page.route(`${origin}/**`, (route) => {
    const { pathname } = new URL(route.request().url());
    if (pathname === "/")
      return route.fulfill({ contentType: "text/html", body: dashboardHtml(files, "once") });
    const contentType = pathname.endsWith(".css") ? "text/css" : "text/javascript";
    return pathname === "/favicon.ico"
      ? route.fulfill({ body: "" })
      : route.fulfill({ contentType, body: dist(pathname.slice(1)) });
  });
  await page.addInitScript(() => {
    const postMessage = (message: { kind: string; plots?: number; span?: string }) => {
      if (message.plots !== undefined) document.body.dataset["plots"] = String(message.plots);
      if (message.span !== undefined) document.body.dataset["asked"] = message.span;
    };
    Object.assign(globalThis, { acquireVsCodeApi: () => ({ postMessage }) });
  });
  await page.goto(`${origin}/`);
  await wear(page, "light");
  const show = (what: DashboardData) =>
    page.evaluate(
      (message) => {
        globalThis.dispatchEvent(new MessageEvent("message", { data: message }));
      },
      { kind: "data", data: what },
    );
  return { page, troubles, show };
}

/** As the editor does it: variables on the root, and the body's class. */
async function wear(page: Page, theme: keyof typeof themes): Promise<void> {
  await page.evaluate(
    ([name, variables]) => {
      const root = document.documentElement;
      root.removeAttribute("style");
      for (const [key, value] of Object.entries(variables)) root.style.setProperty(`--vscode-${key}`, value);
      document.body.className = `vscode-${name}`;
    },
    [theme, { ...common, ...themes[theme] }] as const,
  );
}

function rgb(colour: string): number[] {
  return [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
}

/** Whether the first plot has a pixel of about this colour. */
async function hasPixel(page: Page, red = 0, green = 0, blue = 0): Promise<boolean> {
  const found = await page.waitForFunction(
    ([r, g, b]) => {
      const canvas = document.querySelector("canvas");
      const pixels = canvas?.getContext("2d")?.getImageData(0, 0, canvas.width, canvas.height).data;
      const wanted = [r, g, b];
      for (let at = 0; pixels && at < pixels.length; at += 4) {
        const off = wanted.reduce((sum, value, part) => sum + Math.abs((pixels[at + part] ?? 0) - value), 0);
        if (off < 30 && (pixels[at + 3] ?? 0) > 200) return true;
      }
      return false;
    },
    [red, green, blue] as const,
  );
  return found.jsonValue();
}
