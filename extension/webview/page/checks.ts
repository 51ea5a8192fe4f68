import { t } from "@vscode/l10n";
import { agoWords, type CheckRow, checksWords, statusWords } from "../page-data.ts";
import { element, setText } from "./dom.ts";
import { type PlotData, PlotView } from "./plot.ts";

/** What all plots have together. */
type When = Pick<PlotData, "now" | "span" | "first">;

/** One check: its state, figures with their thresholds, age, and how it was. */
class CheckView {
  readonly root = element("section", "", "check");
  readonly #title = element("h3");
  readonly #words = element("p", "", "words");
  readonly #age = element("p", "", "words");
  readonly #measures = element("ul");
  #row: CheckRow | undefined;
  plot: PlotView | undefined;

  constructor() {
    this.root.append(this.#title, this.#words, this.#age, this.#measures);
  }

  update(row: CheckRow, when: When): void {
    this.#row = row;
    setText(this.#title, `${row.name} · ${statusWords(row.status)}`);
    this.root.dataset["status"] = row.status;
    setText(this.#words, row.summary);
    this.age(when.now);
    if (this.#measures.textContent !== row.measures.join(""))
      this.#measures.replaceChildren(...row.measures.map((words) => element("li", words)));
    const title = t("{0}, how it was", row.name);
    const data: PlotData = { title, series: row.history, marks: row.troubles, ...when };
    if (this.plot) this.plot.update(data);
    else {
      this.plot = new PlotView(data);
      this.root.append(this.plot.root);
    }
  }

  age(now: number): void {
    const { checkedAt, latencyMs } = this.#row ?? {};
    const took = (latencyMs ?? 0).toFixed(1);
    const at = checkedAt === null || checkedAt === undefined ? undefined : agoWords(now - checkedAt);
    setText(this.#age, at === undefined ? t("Not checked yet") : t("Checked {0}, took {1} ms", at, took));
  }
}

/** All checks, folded into one line that says whether all is well. */
export class ChecksView {
  readonly root = element("details", "", "checks");
  readonly #summary = element("summary");
  readonly #row = element("div", "", "row");
  readonly #views = new Map<string, CheckView>();
  #rows: readonly CheckRow[] = [];
  /** Whether it was unfolded because something isn't well: what is folded by hand stays so. */
  #wasUnfolded = false;

  constructor() {
    this.root.append(this.#summary, this.#row);
    setInterval(() => this.#age(), 1_000);
  }

  /** Plots that are drawn anew in other colours. */
  get plots(): readonly PlotView[] {
    return [...this.#views.values()].flatMap(({ plot }) => plot ?? []);
  }

  update(rows: readonly CheckRow[], when: When): void {
    this.#rows = rows;
    for (const row of rows) {
      const view = this.#views.get(row.name) ?? new CheckView();
      if (!this.#views.has(row.name)) this.#row.append(view.root);
      this.#views.set(row.name, view);
      view.update(row, when);
    }
    this.#age();
    const isUnwell = rows.some(({ status }) => status === "warning" || status === "critical");
    if (isUnwell && !this.#wasUnfolded) this.root.open = true;
    this.#wasUnfolded = isUnwell;
  }

  #age(): void {
    const now = Date.now();
    setText(this.#summary, checksWords(this.#rows, now));
    for (const view of this.#views.values()) view.age(now);
  }
}
