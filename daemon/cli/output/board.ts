import { LiveText } from "./live-text.ts";
import { isLively, type Progress } from "./progress.ts";
import { type Paint, printable } from "./style.ts";
import { padded, shorten, widthOf } from "./width.ts";

/** What several things that go on side by side are doing: a line each. */
export interface Board {
  /** The line of one of them. */
  row(name: string): Progress;
  /** What became of one of them, where its line stays until all are over. */
  settle(name: string, text: string): void;
  /** Takes the lines away; what comes of it all is printed after that. */
  end(): void;
}

/** Programs that read JSON get none. */
export const silentBoard: Board = { row: () => ({ phase() {}, done() {} }), settle() {}, end() {} };

/**
 * On a terminal lines that change in place; elsewhere a line for each step, with the name before it.
 * @param names in the order they are shown
 */
export function boardOn(
  stream: NodeJS.WriteStream,
  env: NodeJS.ProcessEnv,
  paint: Paint,
  names: readonly string[],
): Board {
  return isLively(stream, env) ? new LiveBoard(stream, paint, names) : new PlainBoard(stream);
}

class LiveBoard implements Board {
  readonly #stream: NodeJS.WriteStream;
  readonly #live: LiveText;
  readonly #paint: Paint;
  readonly #rows: Map<string, string>;
  #isOver = false;

  constructor(stream: NodeJS.WriteStream, paint: Paint, names: readonly string[]) {
    this.#stream = stream;
    this.#live = new LiveText(stream);
    this.#paint = paint;
    this.#rows = new Map(names.map((name) => [name, ""]));
  }

  row(name: string): Progress {
    return {
      phase: (text) => this.#set(name, text),
      done: () => {},
    };
  }

  settle(name: string, text: string): void {
    const [line = ""] = text.split("\n");
    if (line !== "") this.#set(name, line);
  }

  end(): void {
    if (!this.#isOver) this.#live.clear();
    this.#isOver = true;
  }

  #set(name: string, text: string): void {
    if (this.#isOver || this.#rows.get(name) === text) return;
    this.#rows.set(name, text);
    const width = Math.max(...[...this.#rows.keys()].map(widthOf));
    // One row each, however narrow the terminal is: rows that wrap would jump.
    const room = Math.max((this.#stream.columns || 80) - width - 3, 10);
    const lines = [...this.#rows].map(
      ([one, what]) => `${this.#paint("bold", padded(one, width))}  ${shorten(printable(what), room)}`,
    );
    this.#live.show(lines.join("\n"));
  }
}

class PlainBoard implements Board {
  readonly #stream: NodeJS.WriteStream;
  readonly #last = new Map<string, string>();

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  row(name: string): Progress {
    return {
      phase: (text) => {
        if (this.#last.get(name) === text) return;
        this.#last.set(name, text);
        this.#stream.write(`${name}: ${printable(text)}\n`);
      },
      done: () => {},
    };
  }

  settle(): void {}

  end(): void {}
}
