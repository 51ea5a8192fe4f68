import { readFileSync, renameSync, writeFileSync } from "node:fs";

/** How far ahead of the last sequence the mark is set, so that it is seldom written. */
const step = 1_000;
/** What a writer that hasn't noticed yet that the file was replaced may write beyond a mark at most. */
const margin = 10_000;

/**
 * The high-water mark beside the journal: no sequence above it was ever given. Only needed where the file itself can't
 * be read any more.
 */
export class Mark {
  readonly #file: string;
  #known = -1;

  /** @param journal path of the journal */
  constructor(journal: string) {
    this.#file = `${journal}.mark`;
  }

  /**
   * Makes sure that the mark isn't below a sequence about to be committed. For use within the write transaction, which
   * keeps other writers out.
   * @throws an error of the file system
   */
  cover(seq: number): void {
    if (seq <= this.#known) return;
    this.#known = this.#read() ?? -1;
    if (seq <= this.#known) return;
    const mark = seq + step;
    writeFileSync(`${this.#file}.${process.pid}`, `${mark}\n`, { mode: 0o600 });
    renameSync(`${this.#file}.${process.pid}`, this.#file);
    this.#known = mark;
  }

  /** A first sequence for a file that replaces one that is lost; undefined where nothing is known of one. */
  firstAfterLoss(): number | undefined {
    const mark = this.#read();
    return mark === undefined ? undefined : mark + margin;
  }

  #read(): number | undefined {
    try {
      const mark = Number(readFileSync(this.#file, "utf8"));
      return Number.isSafeInteger(mark) && mark > 0 ? mark : undefined;
    } catch {
      return undefined;
    }
  }
}
