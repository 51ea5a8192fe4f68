import "./texts.ts";

import { t } from "@vscode/l10n";
import type { FromPage, ToPage } from "../messages.ts";
import { type DashboardData, type ServerPlots, type Span, spans } from "../page-data.ts";
import { ChecksView } from "./checks.ts";
import { element, setText } from "./dom.ts";
import { LocksView } from "./locks.ts";
import { markColours, markCounts, type PlotData, PlotView } from "./plot.ts";

declare function acquireVsCodeApi(): { postMessage(message: FromPage): void };

interface Section {
  readonly root: HTMLElement;
  readonly words: HTMLElement;
  readonly users: HTMLElement;
  readonly marks: HTMLElement;
}

const editor = acquireVsCodeApi();
const labels: Readonly<Record<Span, string>> = {
  minutes: t("15 minutes"),
  day: t("Day"),
  week: t("Week"),
};
const main = document.getElementById("page") ?? document.body;
const away = element("p", "", "away");
away.setAttribute("role", "status");
const choice = element("div", "", "choice");
choice.setAttribute("role", "group");
choice.setAttribute("aria-label", t("How far back"));
const checks = new ChecksView();
const servers = element("div", "", "servers");
const latency = element("section");
latency.append(element("h2", t("Latency of store and databases")));
const locks = new LocksView();
main.append(away, choice, checks.root, servers, latency, locks.root);

/** Plots by what they show; they stay as long as that is there. */
const plots = new Map<string, PlotView>();
const sections = new Map<string, Section>();

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
  for (const plot of [...plots.values(), ...checks.plots]) plot.redraw();
}).observe(document.body, { attributes: true, attributeFilter: ["class"] });
editor.postMessage({ kind: "ready" });

function show(data: DashboardData): void {
  setText(away, data.away ?? "");
  away.hidden = data.away === null;
  for (const { span, button } of buttons) button.setAttribute("aria-pressed", String(span === data.span));
  const when = common(data);
  checks.update(data.checks, when);
  const kept = new Set<string>(["latency"]);
  for (const server of data.servers) showServer(server, when, kept);
  for (const [key, { root }] of sections) {
    if (data.servers.some((server) => server.key === key)) continue;
    root.remove();
    sections.delete(key);
  }
  showPlot("latency", latency, { ...when, title: t("Latency"), series: data.latency, marks: [] });
  for (const key of plots.keys()) if (!kept.has(key)) plots.delete(key);
  locks.update(data.locks, data.waits);
  // Plots are made once their place has a size, which is after the next layout.
  requestAnimationFrame(() => requestAnimationFrame(tellShown));
}

function tellShown(): void {
  const drawn = document.querySelectorAll(".plot canvas").length;
  editor.postMessage({ kind: "shown", text: main.textContent.slice(0, 10_000), plots: drawn });
}

/** What all plots have together, also where they begin. */
function common({ now, span, servers, latency, checks }: DashboardData) {
  const series = [
    ...servers.flatMap((one) => one.series),
    ...latency,
    ...checks.flatMap(({ history }) => history),
  ];
  const marks = [...servers.flatMap((one) => one.marks), ...checks.flatMap(({ troubles }) => troubles)];
  const times = [...series.flatMap(({ times: [begin = now] }) => begin), ...marks.map(({ time }) => time)];
  return { now, span, first: Math.min(now, ...times) };
}

function showServer(server: ServerPlots, when: ReturnType<typeof common>, kept: Set<string>): void {
  let section = sections.get(server.key);
  if (!section) {
    const root = element("section");
    const words = element("p", "", "words");
    const users = element("p", "", "words");
    const marks = element("p", "", "words");
    const row = element("div", "", "row");
    root.append(element("h2", server.app), words, users, marks, row);
    servers.append(root);
    section = { root, words, users, marks };
    sections.set(server.key, section);
  }
  setText(section.words, server.words);
  setText(section.users, server.users.length === 0 ? "" : t("Used by {0}", server.users.join("; ")));
  section.marks.replaceChildren(...markCounts(server.marks).map(countOf));
  const row = section.root.querySelector<HTMLElement>(".row") ?? section.root;
  for (const series of server.series) {
    const key = `${server.key}/${series.label}`;
    kept.add(key);
    showPlot(key, row, { ...when, title: series.label, series: [series], marks: server.marks });
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
