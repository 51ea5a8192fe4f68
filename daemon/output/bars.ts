/** Most bars that are told apart. */
const mostBars = 8;

interface Bar {
  percent: number;
  /** Whether what it stands for has ended, and it wasn't drawn since. */
  isOver: boolean;
}

/**
 * Metro's bars, of which each stands for one bundle. Once a bundle has ended its bar is drawn once more below that, before
 * it is taken away: that is no new build.
 */
export class Bars {
  readonly #bars = new Map<string, Bar>();

  /** Whether the line is a bar that is drawn once more although its bundle has ended. */
  isRedrawn(line: string): boolean {
    const [, what, value] = /^([^▓░]{1,300}?) [▓░]{4,80} {1,3}(\d{1,3}(?:\.\d)?)%/.exec(line) ?? [];
    if (what === undefined) return false;
    const [last, percent] = [this.#bars.get(what), Number(value)];
    if (last === undefined && this.#bars.size >= mostBars) this.#bars.clear();
    this.#bars.set(what, { percent, isOver: false });
    return last?.isOver === true && percent >= last.percent;
  }

  /** @param line what says that a bundle has ended: `Android Bundled 12ms index.js (1 module)` */
  ended(line: string): void {
    const platform = line.slice(0, line.indexOf(" ") + 1);
    for (const [what, bar] of this.#bars) if (what.startsWith(platform)) bar.isOver = true;
  }
}
