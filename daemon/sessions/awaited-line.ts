import { setImmediate as nextTurn } from "node:timers/promises";
import { compilePattern, type Pattern } from "../../shared/base/pattern.ts";

/** Only the beginning of a line is compared, in characters: the words that tell of readiness aren't behind it. */
const longestLine = 2_000;
/** Time between two turns of the event loop, in milliseconds: other servers wait for this daemon too. */
const turnMs = 10;

/** The line of output that says a server is ready. */
export class AwaitedLine {
  readonly #pattern: Pattern;
  /** Lines of the last look that don't match: output is looked at many times a second. */
  #others: ReadonlySet<string> = new Set();
  #isSeen = false;

  private constructor(pattern: Pattern) {
    this.#pattern = pattern;
  }

  /** @throws DevlatchError `INVALID_INPUT` for a pattern that can't be used */
  static async of(pattern: string): Promise<AwaitedLine> {
    return new AwaitedLine(await compilePattern(pattern, "ready.pattern"));
  }

  /** Whether it was found. */
  get isSeen(): boolean {
    return this.#isSeen;
  }

  /** Whether it is among these lines. @throws the signal's reason */
  async isIn(lines: readonly string[], signal: AbortSignal): Promise<boolean> {
    const begins = lines.map((line) => line.slice(0, longestLine));
    let turn = performance.now();
    for (const line of begins) {
      if (this.#others.has(line)) continue;
      if (this.#pattern.test(line)) {
        this.#isSeen = true;
        return true;
      }
      if (performance.now() - turn < turnMs) continue;
      await nextTurn();
      signal.throwIfAborted();
      turn = performance.now();
    }
    this.#others = new Set(begins);
    return false;
  }
}
