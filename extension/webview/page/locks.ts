import { t } from "@vscode/l10n";
import type { LockRow, WaitNode } from "../page-data.ts";
import { element, setText, tableOf } from "./dom.ts";

const heads = [t("Lock"), t("Waiters"), t("Attempts"), t("Wait p50 / p99"), t("Hold p50 / p99")];

/** Locks: what waits for what, as long as something waits, and the figures, folded. */
export class LocksView {
  readonly root = element("section");
  readonly #waits = element("div");
  readonly #figures = element("details", "", "locks");
  readonly #summary = element("summary");
  #drawn = "";
  #listed = "";

  constructor() {
    this.#figures.append(this.#summary);
    this.root.append(this.#waits, this.#figures);
  }

  update(rows: readonly LockRow[], waits: readonly WaitNode[]): void {
    const waiting = rows.reduce((sum, { waiters }) => sum + waiters, 0);
    setText(this.#summary, t("Locks · {0} used lately, {1} waiting", rows.length, waiting));
    this.#draw(waits);
    this.#list(rows);
  }

  #draw(waits: readonly WaitNode[]): void {
    const text = JSON.stringify(waits);
    if (text === this.#drawn) return;
    this.#drawn = text;
    if (waits.length === 0) this.#waits.replaceChildren();
    else this.#waits.replaceChildren(element("h2", t("What waits for what")), listOf(waits));
  }

  #list(rows: readonly LockRow[]): void {
    const text = JSON.stringify(rows);
    if (text === this.#listed) return;
    this.#listed = text;
    this.#figures.querySelector("table")?.remove();
    const cells = rows.map(({ name, waiters, attempts, wait, hold }) => [
      ...[name, String(waiters), String(attempts)],
      ...[timing(wait), timing(hold)],
    ]);
    this.#figures.append(tableOf(t("Locks"), heads, cells));
  }
}

/** A tree: below a lock what waits for it, below work the locks that it holds meanwhile. */
function listOf(nodes: readonly WaitNode[]): HTMLUListElement {
  const list = element("ul", "", "waits");
  for (const { kind, words, waiting } of nodes) {
    const item = element("li");
    item.append(element("span", words, kind));
    if (waiting.length > 0) item.append(listOf(waiting));
    list.append(item);
  }
  return list;
}

function timing(pair: readonly [number, number] | null): string {
  return pair === null ? "" : pair.map((ms) => `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`).join(" / ");
}
