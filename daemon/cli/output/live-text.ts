import { clearScreenDown, cursorTo, moveCursor } from "node:readline";
import { shown } from "./style.ts";
import { widthOf } from "./width.ts";

/** Text on a terminal that replaces what it showed before. */
export class LiveText {
  readonly #stream: NodeJS.WriteStream;
  /** Rows of the terminal between the text's first line and the cursor. */
  #rows = 0;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  show(text: string): void {
    // A terminal that doesn't know its size says 0.
    const columns = this.#stream.columns || 80;
    const rows = this.#stream.rows || 24;
    // What scrolled out of the screen can't be written over.
    const { lines, height } = fitting(shown(text).split("\n"), columns, rows - 1);
    this.clear();
    this.#stream.write(`${lines.join("\n")}\n`);
    this.#rows = height;
  }

  /** Takes away what it shows. */
  clear(): void {
    if (this.#rows > 0) moveCursor(this.#stream, 0, -this.#rows);
    cursorTo(this.#stream, 0);
    clearScreenDown(this.#stream);
    this.#rows = 0;
  }
}

/** As many of the first lines as fit into `most` rows. A line longer than the screen is wide takes several. */
function fitting(lines: readonly string[], columns: number, most: number) {
  let height = 0;
  const visible: string[] = [];
  for (const line of lines) {
    const rows = Math.max(1, Math.ceil(widthOf(line) / columns));
    if (height + rows > most) break;
    visible.push(line);
    height += rows;
  }
  return { lines: visible, height };
}
