import { t } from "@vscode/l10n";
import uPlot from "uplot";
import { type Mark, type Series, type Span, spans } from "../page-data.ts";
import { colour, element, setText, tableOf } from "./dom.ts";

const height = 130;
/** Rows of the table behind a plot: more are of no use to read through. */
const mostRows = 60;
/** More values than this are a line without dots. */
const mostDots = 30;
/** Between two times of an axis, in seconds: what is closer together has the same words. */
const steps = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880].map((minutes) => minutes * 60);
const strokes = ["--vscode-charts-blue", "--vscode-charts-purple"];

/** The colour of each mark, here and in the line that counts them. */
export const markColours: Readonly<Record<Mark["kind"], string>> = {
  start: "--vscode-charts-green",
  crash: "--vscode-charts-red",
  "build error": "--vscode-charts-orange",
  restart: "--vscode-charts-yellow",
  stop: "--vscode-descriptionForeground",
  warning: "--vscode-charts-yellow",
  critical: "--vscode-charts-red",
};

/** The name of a mark. */
function kindWords(kind: Mark["kind"]): string {
  const words: Readonly<Record<Mark["kind"], string>> = {
    start: t("start"),
    crash: t("crash"),
    "build error": t("build error"),
    restart: t("restart"),
    stop: t("stop"),
    warning: t("warning"),
    critical: t("critical"),
  };
  return words[kind];
}

const solid: ReadonlySet<Mark["kind"]> = new Set(["crash", "build error", "critical"]);

/** What one plot shows. All its series have a scale together. */
export interface PlotData {
  readonly title: string;
  readonly series: readonly Series[];
  readonly marks: readonly Mark[];
  readonly now: number;
  readonly span: Span;
  /** The first moment of which anything is known, in milliseconds since the epoch: before it there is nothing to see. */
  readonly first: number;
}

/** A plot, its figures in words, and the table behind it. */
export class PlotView {
  readonly root = element("figure");
  readonly #caption = element("figcaption");
  readonly #place = element("div", "", "plot");
  readonly #table = element("details");
  #data: PlotData;
  #plot: uPlot | undefined;

  constructor(data: PlotData) {
    this.#data = data;
    this.#table.append(element("summary", t("Table")));
    this.#place.setAttribute("role", "img");
    this.root.append(this.#caption, this.#place, this.#table);
    this.#table.addEventListener("toggle", () => this.#fillTable());
    new ResizeObserver(() => this.#resize()).observe(this.#place);
    this.update(data);
  }

  update(data: PlotData): void {
    this.#data = data;
    const words = wordsOf(data);
    setText(this.#caption, words);
    const marked = markCounts(data.marks).map(({ words }) => words);
    this.#place.setAttribute("aria-label", t("Plot. {0}. A table follows.", [words, ...marked].join(" · ")));
    this.#plot?.setData(aligned(data.series));
    this.#fillTable();
  }

  /** The editor's colours changed. */
  redraw(): void {
    this.#plot?.redraw();
  }

  #resize(): void {
    const width = Math.floor(this.#place.clientWidth);
    if (width <= 0) return;
    if (this.#plot) this.#plot.setSize({ width, height });
    else this.#plot = new uPlot(this.#options(width), aligned(this.#data.series), this.#place);
  }

  #options(width: number): uPlot.Options {
    const text = () => colour("--vscode-foreground");
    const axis = {
      stroke: text,
      grid: { stroke: gridColour, width: 1, dash: [1, 4] },
      ticks: { show: false },
    };
    return {
      width,
      height,
      // The last time's words stand half beyond the plot.
      padding: [null, 32, null, null],
      legend: { show: false },
      cursor: { show: false },
      scales: {
        x: { time: true, range: () => rangeOf(this.#data) },
        y: { range: (_, __, most) => [0, most ? most * 1.1 : 1] },
      },
      axes: [
        {
          ...axis,
          size: 28,
          space: 70,
          incrs: steps,
          values: (_, times) => times.map((time) => this.#moment(time)),
        },
        { ...axis, size: 48 },
      ],
      series: [
        {},
        ...this.#data.series.map(({ label }, index) => ({
          label,
          stroke: () => colour(strokes[index] ?? "--vscode-foreground"),
          width: 1.5,
          points: {
            show: (_: uPlot, at: number, first: number, last: number) =>
              isSparse(this.#data.series[at - 1], last - first),
            size: 5,
          },
          spanGaps: false,
          ...(index > 0 ? { dash: [5, 3] } : {}),
        })),
      ],
      hooks: { draw: [(plot) => drawMarks(plot, this.#data.marks)] },
    };
  }

  /** @param time seconds since the epoch */
  #moment(time: number): string {
    const date = new Date(time * 1_000);
    return this.#data.span === "week"
      ? date.toLocaleDateString(undefined, { month: "short", day: "numeric" })
      : date.toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit" });
  }

  #fillTable(): void {
    this.#table.querySelector("table")?.remove();
    if (!this.#table.open) return;
    const { title, series } = this.#data;
    this.#table.append(tableOf(title, [t("Time"), ...series.map(headOf), t("Event")], rowsOf(this.#data)));
  }
}

/** So few values are seen as dots: a single one has no line. */
function isSparse(series: Series | undefined, shown: number): boolean {
  return Math.min(series?.times.length ?? 0, shown + 1) <= mostDots;
}

function gridColour(): string {
  return colour(
    "--vscode-contrastBorder",
    "--vscode-widget-border",
    "--vscode-editorIndentGuide-background1",
  );
}

function headOf({ label, unit }: Series): string {
  return unit === "" ? label : `${label} (${unit})`;
}

/** What the plot says, for those who don't see it, and beside it: last and highest value. */
function wordsOf({ title, series }: PlotData): string {
  const figures = series.map((one) => {
    const { label, unit, points } = one;
    const known = points.filter((point) => point !== null);
    const last = known.at(-1);
    if (last === undefined) return t("{0}: nothing known yet", label);
    const name = series.indexOf(one) === 0 ? label : t("{0} (dashed)", label);
    const [now, most] = [last, Math.max(...known)].map((value) => `${figure(value)} ${unit}`.trim());
    return t("{0} {1}, at most {2}", name, now ?? "", most ?? "");
  });
  return [...(series.length === 1 ? [] : [title]), ...figures].join(" · ");
}

/** How many marks there are of each kind, the first kind first. */
export function markCounts(
  marks: readonly Mark[],
): readonly { readonly kind: Mark["kind"]; readonly words: string }[] {
  const kinds = Map.groupBy(marks, ({ kind }) => kind);
  return [...kinds].map(([kind, { length }]) => ({ kind, words: `${length} × ${kindWords(kind)}` }));
}

function figure(value: number): string {
  return value >= 100 || Number.isInteger(value) ? String(Math.round(value)) : value.toFixed(1);
}

/** At least a fifth of what is asked for: of less the axis would say the same time again and again. */
function rangeOf({ now, span, first }: PlotData): [number, number] {
  const begin = Math.max(now - spans[span], Math.min(first, now - spans[span] / 5));
  return [begin / 1_000, now / 1_000];
}

/** uPlot's columns: seconds, then a column a series at all moments of any of them; undefined bridges, null is a gap. */
function aligned(series: readonly Series[]): uPlot.AlignedData {
  const tables = series.map(({ times, points }) => [times.map((time) => time / 1_000), [...points]]);
  const [only, ...others] = tables as unknown as uPlot.AlignedData[];
  if (!only) return [[]];
  return others.length === 0 ? only : uPlot.join([only, ...others]);
}

function drawMarks(plot: uPlot, marks: readonly Mark[]): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.lineWidth = Math.max(devicePixelRatio, 1);
  for (const { time, kind } of marks) {
    // In the middle of a pixel: between two it would be half as strong, and twice as wide.
    const x = Math.round(plot.valToPos(time / 1_000, "x", true)) + (ctx.lineWidth % 2) / 2;
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    ctx.strokeStyle = colour(markColours[kind]);
    ctx.setLineDash(solid.has(kind) ? [] : [3, 3]);
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
  }
  ctx.restore();
}

/** Marks in full, and of the figures as many as can be read, newest first. */
function rowsOf({ series, marks }: PlotData): readonly (readonly string[])[] {
  const times = [...new Set(series.flatMap((one) => one.times))].sort((a, b) => a - b);
  const step = Math.max(Math.ceil(times.length / mostRows), 1);
  const values = series.map(({ times, points }) => new Map(times.map((time, at) => [time, points[at]])));
  const figures = times
    .reverse()
    .filter((_, index) => index % step === 0)
    .map((time) => ({ time, cells: values.map((one) => cell(one.get(time))), event: "" }));
  const events = marks.map(({ time, kind, text }) => ({
    time,
    cells: values.map(() => ""),
    event: text === "" ? kindWords(kind) : `${kindWords(kind)}: ${text}`,
  }));
  return [...figures, ...events]
    .sort((a, b) => b.time - a.time)
    .map(({ time, cells, event }) => [new Date(time).toLocaleString(), ...cells, event]);
}

function cell(value: number | null | undefined): string {
  return value === null || value === undefined ? "" : figure(value);
}
