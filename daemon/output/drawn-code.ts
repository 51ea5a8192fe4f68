import type { SourcePlace } from "../../shared/model/output.ts";

/** Whether a line is the path of a source file and nothing else, as Vue's compiler puts it above the code it draws. */
export function isPathAlone(line: string): boolean {
  return /^(?:\/|[A-Za-z]:[\\/])[^:|^]{1,500}\.\w{1,10}$/.test(line);
}

/**
 * The code that Vue's compiler draws below a file's path: numbered lines, and a caret below the one that is wrong. Its lines
 * count from the file's start, whereas those that it names in words count from the block's.
 */
export class DrawnCode {
  readonly #file: string;
  #line: number | undefined;
  #place: SourcePlace | undefined;

  /** @param file the path above the drawing */
  constructor(file: string) {
    this.#file = file;
  }

  /** The place below which the caret stands; undefined where none was drawn. */
  get place(): SourcePlace | undefined {
    return this.#place;
  }

  /** @returns whether the line is one of the drawing */
  take(line: string): boolean {
    if (this.#place) return false;
    const [, number] = /^(\d{1,7}) {0,6}\| /.exec(line) ?? [];
    if (number !== undefined) {
      this.#line = Number(number);
      return true;
    }
    if (this.#line === undefined || !/^ {1,8}\| +\^+/.test(line)) return false;
    // Two spaces stand between the bar and the code.
    const column = line.indexOf("^") - line.indexOf("|") - 2;
    this.#place = { file: this.#file, line: this.#line, ...(column > 0 ? { column } : {}) };
    return true;
  }
}
