import assert from "node:assert/strict";
import { test } from "node:test";
import type { Page } from "playwright-core";
import type { FromPage } from "../../../extension/webview/messages.ts";
import type { DashboardData, Series } from "../../../extension/webview/page-data.ts";
import { takeScreenshot } from "../../support/browser.ts";
import { pseudoLanguage, pseudoTexts } from "../../support/pseudo-language.ts";
import { waitFor } from "../../support/wait.ts";
import { assertAccessible, openInBrowser, themeNames, themes, walkByKeyboard } from "./page-in-browser.ts";

const minute = 60_000;
const now = Date.UTC(2026, 0, 1, 12);

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
        { label: "Answer", unit: "ms", times: [10, 5].map((ago) => now - ago * minute), points: [12, 31] },
      ],
      users: [`window of shop, for 3 min ${evil}`],
      marks: [
        { time: now - 14 * minute, kind: "start", text: "" },
        { time: now - 7 * minute, kind: "build error", text: evil },
        { time: now - 5 * minute, kind: "crash", text: "exited with code 1" },
        { time: now - 4.5 * minute, kind: "restart", text: "" },
      ],
    },
  ],
  latency: [series("Store", "ms", (at) => 0.3 + (at % 5) / 10), series("Database", "ms", () => 1.5)],
  locks: [{ name: "start of web", waiters: 1, attempts: 9, wait: [0.2, 40], hold: [900, 2_100] }],
  waits: [
    {
      kind: "lock",
      words: `start of api · held by ${evil} for 4 s`,
      waiting: [
        {
          kind: "work",
          words: "start of web on box (pid 12) · waits for 3 s",
          waiting: [
            {
              kind: "lock",
              words: "start of web · held by start of web on box (pid 12) for 4 s",
              waiting: [{ kind: "work", words: "window of shop · waits for 1 s", waiting: [] }],
            },
          ],
        },
      ],
    },
  ],
  checks: ["Store", "Database", "Concurrency", "Resources", "Servers"].map((name) => ({
    name,
    status: "healthy",
    summary: "It answers",
    latencyMs: 0.4,
    checkedAt: Date.now() - 12_000,
    measures: ["CPU 12 %: a warning from 70 %, critical from 90 %"],
    history: [series("Took", "ms", (at) => 0.3 + (at % 5) / 10)],
    troubles: [{ time: now - 3 * minute, kind: "warning", text: evil }],
  })),
};

const kind = { name: "dashboard", title: "Devlatch Dashboard" } as const;

test("the dashboard's page draws what it is told, in the editor's colours, and can be used without eyes and mouse", async (t) => {
  const opened = await openInBrowser(t, kind);
  const { page, troubles, told, wear } = opened;
  const show = (what: DashboardData) => opened.send({ kind: "data", data: what });
  await show(data);
  await waitFor("the plots", async () => {
    const messages = await told<FromPage>();
    return messages.some((message) => message.kind === "shown" && message.plots === 5);
  });
  for (const theme of themeNames) {
    await wear(theme);
    await takeScreenshot(page, `dashboard-${theme}`);
    const [red, green, blue] = rgb(themes[theme].variables["charts-blue"] ?? "");
    assert.ok(await hasPixel(page, red, green, blue), `the line's colour in ${theme}`);
  }

  // High contrast has no orange: a build error's line is then in the text's colour, not in that of the ground.
  await wear("contrast");
  await page.waitForFunction(() => {
    const canvas = document.querySelector<HTMLCanvasElement>(".servers canvas");
    const { data = [] } = canvas?.getContext("2d")?.getImageData(0, 0, canvas.width, canvas.height) ?? {};
    const { width = 0, height = 0 } = canvas ?? {};
    const isWhite = (x: number, y: number) =>
      [0, 1, 2, 3].every((part) => (data[(y * width + x) * 4 + part] ?? 0) > 150);
    const columns = Array.from({ length: width }, (_, x) => x);
    return columns.some(
      (x) => Array.from({ length: height }, (_, y) => y).filter((y) => isWhite(x, y)).length > 50,
    );
  });

  const [figure] = await page.locator(".servers figure .plot").all();
  assert.match((await figure?.getAttribute("aria-label")) ?? "", /^Plot\. CPU .* %, at most .* %.*1 × crash/);
  await page.locator(".servers figure details summary").first().focus();
  await page.keyboard.press("Enter");
  assert.match(
    (await page.locator(".servers figure table").first().textContent()) ?? "",
    /crash: exited with code 1/,
  );
  assert.match(
    (await page.locator("details.checks > summary").textContent()) ?? "",
    /^All well · checked 1\d s ago$/,
  );
  await page.getByRole("button", { name: "Day" }).press("Enter");
  assert.deepEqual((await told<FromPage>()).at(-1), { kind: "span", span: "day" });

  assert.equal(
    await page.getByText("window of shop · waits for 1 s").isVisible(),
    true,
    "who waits is seen without unfolding anything",
  );
  await show({ ...data, waits: [] });
  assert.equal(await page.getByText("What waits for what").count(), 0);
  assert.equal(await page.locator("details.locks table").isVisible(), false, "locks are folded");

  const [store, ...others] = data.checks;
  await show({ ...data, checks: store ? [{ ...store, status: "critical" }, ...others] : [] });
  const check = page.locator(".check").first();
  assert.equal(
    await check.getByText("CPU 12 %: a warning from 70 %").isVisible(),
    true,
    "what isn't well is seen",
  );
  assert.match((await check.textContent()) ?? "", /Store · critical.*Checked 1\d s ago, took 0\.4 ms/s);
  await check.locator("canvas").waitFor();
  await wear("dark");
  await takeScreenshot(page, "dashboard-checks");

  await show({ ...data, away: "No daemon runs.", servers: [] });
  assert.equal(await page.getByRole("status").textContent(), "No daemon runs.");
  assert.equal(await page.locator("h2", { hasText: "web" }).count(), 0);
  assert.notEqual(await page.title(), "owned");
  assert.deepEqual(troubles, []);
});

test("the page speaks the language that the editor gives it", async (t) => {
  const texts = pseudoTexts();
  const spoken = { language: pseudoLanguage, texts };
  const { page, send, troubles } = await openInBrowser(t, kind, undefined, spoken);
  await send({ kind: "data", data });
  await page.locator("canvas").first().waitFor();
  assert.equal(await page.locator("html").getAttribute("lang"), pseudoLanguage);
  const ours = page.locator("button, h2, summary, th");
  const english = (await ours.allTextContents()).filter((text) => !text.includes("⟦") && text !== "web");
  assert.deepEqual(english, []);
  assert.match((await page.locator(".plot").first().getAttribute("aria-label")) ?? "", /^⟦.*⟧$/);
  assert.deepEqual(troubles, [], "its policy lets the texts in");
});

test("axe finds nothing serious on the dashboard in any theme, and a keyboard gets to everything that can be used", async (t) => {
  const opened = await openInBrowser(t, kind);
  await opened.send({ kind: "data", data });
  const walked = await walkByKeyboard(opened);
  assert.deepEqual(
    walked.filter((name) => name.startsWith("unseen")),
    [],
  );
  const uses = await opened.page.locator("button:visible, summary:visible").allTextContents();
  const withoutAge = (name: string) => name.replace(/checked.*/, "");
  const names = walked.map(withoutAge);
  for (const name of uses.map(withoutAge))
    assert.ok(
      names.some((one) => one.endsWith(name)),
      `${name} in ${walked.join()}`,
    );
  const folded = [
    "details.checks > summary",
    ".servers figure summary",
    ".check summary",
    "details.locks > summary",
  ];
  for (const one of folded) await opened.page.locator(one).first().press("Enter");
  await assertAccessible(opened);
});

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
