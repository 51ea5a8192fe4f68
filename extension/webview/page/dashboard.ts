import type { FromPage, ToPage } from "../messages.ts";
import {
  type CheckRow,
  checksWords,
  type DashboardData,
  type LockRow,
  type ServerPlots,
  type Span,
  spans,
} from "../page-data.ts";
import { element, setText, tableOf } from "./dom.ts";
import { markColours, markCounts, type PlotData, PlotView } from "./plot.ts";

declare function acquireVsCodeApi(): { postMessage(message: FromPage): void };

interface Section {
  readonly root: HTMLElement;
  readonly words: HTMLElement;
  readonly marks: HTMLElement;
}

const editor = acquireVsCodeApi();
const labels: Readonly<Record<Span, string>> = { minutes: "15 minutes", day: "Day", week: "Week" };
const main = document.getElementById("page") ?? document.body;
const away = element("p", "", "away");
away.setAttribute("role", "status");
const choice = element("div", "", "choice");
choice.setAttribute("role", "group");
choice.setAttribute("aria-label", "How far back");
const checks = foldable("checks");
const servers = element("div");
const latency = element("section");
latency.append(element("h2", "Latency of store and databases"));
const locks = foldable("locks");
main.append(away, choice, checks.root, servers, latency, locks.root);

/** Plots by what they show; they stay as long as that is there. */
const plots = new Map<string, PlotView>();
const sections = new Map<string, Section>();
/** Whether checks were unfolded because something isn't well: what is folded by hand stays so. */
let wasUnfolded = false;
let shown: DashboardData | undefined;

const buttons = (Object.keys(spans) as Span[]).map((span) => {
  const button = element("button", labels[span]);
  button.addEventListener("click", () => editor.postMessage({ kind: "span", span }));
  choice.append(button);
  return { span, button };
});

addEventListener("message", ({ data }: MessageEvent<ToPage>) => {
  if (data.kind === "data") show(data.data);
});
// The editor tells of another theme by the body's classes.
new MutationObserver(() => {
  for (const plot of plots.values()) plot.redraw();
}).observe(document.body, { attributes: true, attributeFilter: ["class"] });
setInterval(() => shown && showChecks(shown.checks), 1_000);
editor.postMessage({ kind: "ready" });

function show(data: DashboardData): void {
  shown = data;
  setText(away, data.away ?? "");
  away.hidden = data.away === null;
  for (const { span, button } of buttons) button.setAttribute("aria-pressed", String(span === data.span));
  showChecks(data.checks);
  const kept = new Set<string>(["latency"]);
  for (const server of data.servers) showServer(server, data, kept);
  for (const [key, { root }] of sections) {
    if (data.servers.some((server) => server.key === key)) continue;
    root.remove();
    sections.delete(key);
  }
  showPlot("latency", latency, { ...common(data), title: "Latency", series: data.latency, marks: [] });
  for (const key of plots.keys()) if (!kept.has(key)) plots.delete(key);
  showLocks(data.locks);
  // Plots are made once their place has a size, which is after the next layout.
  requestAnimationFrame(() => requestAnimationFrame(tellShown));
}

function tellShown(): void {
  const drawn = document.querySelectorAll(".plot canvas").length;
  editor.postMessage({ kind: "shown", text: main.textContent.slice(0, 10_000), plots: drawn });
}

function common({ now, span }: DashboardData) {
  return { now, span };
}

function showServer(server: ServerPlots, data: DashboardData, kept: Set<string>): void {
  let section = sections.get(server.key);
  if (!section) {
    const root = element("section");
    const words = element("p", "", "words");
    const marks = element("p", "", "words");
    const row = element("div", "", "row");
    root.append(element("h2", server.app), words, marks, row);
    servers.append(root);
    section = { root, words, marks };
    sections.set(server.key, section);
  }
  setText(section.words, server.words);
  section.marks.replaceChildren(...markCounts(server.marks).map(countOf));
  const row = section.root.querySelector<HTMLElement>(".row") ?? section.root;
  for (const series of server.series) {
    const key = `${server.key}/${series.label}`;
    kept.add(key);
    showPlot(key, row, { ...common(data), title: series.label, series: [series], marks: server.marks });
  }
}

/** With a bar as it is drawn; its colour is one of the editor's variables. */
function countOf({ kind, words }: ReturnType<typeof markCounts>[number]): HTMLElement {
  const count = element("span", "", "count");
  const bar = element("span", "", "bar");
  bar.style.borderColor = `var(${markColours[kind]})`;
  count.append(bar, words);
  return count;
}

function showPlot(key: string, place: HTMLElement, data: PlotData): void {
  const known = plots.get(key);
  if (known) known.update(data);
  else {
    const plot = new PlotView(data);
    plots.set(key, plot);
    place.append(plot.root);
  }
}

/** Unfolded by itself once something isn't well. */
function showChecks(rows: readonly CheckRow[]): void {
  setText(checks.summary, checksWords(rows, Date.now()));
  const isUnwell = rows.some(({ status }) => status === "warning" || status === "critical");
  if (isUnwell && !wasUnfolded) checks.root.open = true;
  wasUnfolded = isUnwell;
  const cells = rows.map(({ name, status, summary, latencyMs, checkedAt }) => [
    name,
    status,
    summary,
    `${latencyMs.toFixed(1)} ms`,
    checkedAt === null ? "" : new Date(checkedAt).toLocaleTimeString(),
  ]);
  checks.show("Checks", ["Check", "Status", "Figure", "Took", "Checked at"], cells);
}

function showLocks(rows: readonly LockRow[]): void {
  const waiting = rows.reduce((sum, { waiters }) => sum + waiters, 0);
  setText(locks.summary, `Locks · ${rows.length} used lately, ${waiting} waiting`);
  const cells = rows.map(({ key, waiters, attempts, wait, hold }) => [
    key,
    String(waiters),
    String(attempts),
    timing(wait),
    timing(hold),
  ]);
  locks.show("Locks", ["Lock", "Waiters", "Attempts", "Wait p50 / p99", "Hold p50 / p99"], cells);
}

function timing(pair: readonly [number, number] | null): string {
  return pair === null ? "" : pair.map((ms) => `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`).join(" / ");
}

/** A heading that unfolds a table. */
function foldable(name: string) {
  const root = element("details", "", name);
  const summary = element("summary");
  root.append(summary);
  let last = "";
  const show = (caption: string, heads: readonly string[], rows: readonly (readonly string[])[]) => {
    const text = JSON.stringify(rows);
    if (text === last) return;
    last = text;
    root.querySelector("table")?.remove();
    root.append(tableOf(caption, heads, rows));
  };
  return { root, summary, show };
}
