import { DevlatchError, hasCode } from "../../shared/base/errors.ts";
import { isAnswer } from "./answers.ts";
import type { Terminal } from "./terminal.ts";
import { type TerminalSize, ViewerSizes } from "./viewer-sizes.ts";

/** A terminal that several viewers type at and look at, each in a size of its own. */
export class SharedTerminal<V> {
  readonly #terminal: Pick<Terminal, "write" | "resize">;
  readonly #sizes = new ViewerSizes<V>();
  #applied: TerminalSize | undefined;

  constructor(terminal: Pick<Terminal, "write" | "resize">) {
    this.#terminal = terminal;
  }

  /**
   * A viewer that types takes the terminal over. Terminals that answer by themselves don't, or two of them would change
   * the size in turn for ever; and of several answers to one question the program gets the active viewer's.
   * @throws DevlatchError `NOT_RUNNING` when the terminal ended or its programs don't read
   */
  type(viewer: V, data: string): void {
    if (isAnswer(data)) {
      if ((this.#sizes.active ?? viewer) !== viewer) return;
    } else {
      this.#sizes.typed(viewer);
      this.#apply();
    }
    this.#terminal.write(data);
  }

  /** @throws DevlatchError `INVALID_INPUT`, or `NOT_RUNNING` when the terminal ended */
  resize(viewer: V, { columns, rows }: TerminalSize): void {
    checkSize(columns, rows);
    this.#sizes.resized(viewer, { columns, rows });
    this.#apply();
  }

  leave(viewer: V): void {
    this.#sizes.left(viewer);
    try {
      this.#apply();
    } catch (error) {
      // The terminal ended before its viewer left: its size isn't needed any more.
      if (!hasCode(error, "NOT_RUNNING")) throw error;
    }
  }

  #apply(): void {
    const size = this.#sizes.current;
    if (!size || size === this.#applied) return;
    this.#terminal.resize(size.columns, size.rows);
    this.#applied = size;
  }
}

function checkSize(columns: number, rows: number): void {
  const fits = (size: number) => size >= 1 && size <= 10_000;
  if (fits(columns) && fits(rows)) return;
  throw new DevlatchError(
    "INVALID_INPUT",
    `A terminal can't have ${columns} columns and ${rows} rows.`,
    "Both must be between 1 and 10000.",
  );
}
