import { type Disposable, Scope } from "../../../shared/base/disposable.ts";
import { Screen } from "../attach/screen.ts";
import type { TerminalStreams } from "../output/output.ts";
import { type Paint, shown } from "../output/style.ts";

/** Least time between two frames, in milliseconds: a flood of changes costs no more than this. */
const frameMs = 100;

const esc = "\u001b";
/** xterm: the alternate screen, what was on the terminal comes back after it; no cursor (DECTCEM). */
const begin = `${esc}[?1049h${esc}[?25l`;
/** ECMA-48: home; erase to the end of the line; erase what is below. */
const [home, eraseLine, eraseBelow] = [`${esc}[H`, `${esc}[K`, `${esc}[J`];

/** A whole screen that is drawn anew when something changed. */
export class Display implements Disposable {
  readonly screen: Screen;
  readonly #render: () => readonly string[];
  readonly #scope = new Scope();
  #timer: NodeJS.Timeout | undefined;
  #last = "";

  /** @param render gives the rows, when they are drawn */
  constructor(streams: TerminalStreams, paint: Paint, render: () => readonly string[]) {
    this.screen = new Screen(streams, paint);
    this.#render = render;
    this.#scope.defer(() => clearTimeout(this.#timer));
    this.#scope.add(
      this.screen.onResized(() => {
        // What the terminal made of the old rows isn't known.
        this.#last = "";
        this.changed();
      }),
    );
    this.screen.write(begin);
    this.#draw();
  }

  /** Has it drawn soon: at once would be too often. */
  changed(): void {
    if (this.#scope.disposed) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#draw();
    }, frameMs);
  }

  /** Gives the terminal back as it was. */
  async close(): Promise<void> {
    this.dispose();
    await this.screen.close(undefined);
  }

  dispose(): void {
    this.#scope.dispose();
  }

  #draw(): void {
    // A terminal that hasn't taken the last frame yet gets the next one later.
    if (this.screen.backlog > 0) {
      this.changed();
      return;
    }
    const rows = this.#render().map((row) => shown(row).replaceAll("\n", " "));
    const text = rows.map((row) => row + eraseLine).join("\r\n");
    if (text === this.#last) return;
    this.#last = text;
    this.screen.write(home + text + eraseBelow);
  }
}
