import { DevlatchError } from "../../shared/base/errors.ts";
import { compilePattern, type Pattern } from "../../shared/base/pattern.ts";

/** Longest time the pattern may take over one batch of texts, in milliseconds: the event loop has other work. */
const patienceMs = 500;

/** Tells which texts a person's pattern matches. */
export class Matcher {
  readonly #source: string;
  readonly #pattern: Pattern;

  private constructor(source: string, pattern: Pattern) {
    this.#source = source;
    this.#pattern = pattern;
  }

  /** @throws DevlatchError `INVALID_INPUT` when the pattern isn't a regular expression that is matched in linear time */
  static async of(source: string): Promise<Matcher> {
    return new Matcher(source, await compilePattern(source, `The pattern ${JSON.stringify(source)}`));
  }

  /**
   * One answer per text.
   * @throws DevlatchError `INVALID_INPUT` when all of them together take too long
   */
  test(texts: readonly string[]): readonly boolean[] {
    const end = performance.now() + patienceMs;
    return texts.map((text) => {
      if (performance.now() > end) throw this.#tooSlow();
      return this.#pattern.test(text);
    });
  }

  #tooSlow(): DevlatchError {
    return new DevlatchError(
      "INVALID_INPUT",
      `The pattern ${JSON.stringify(this.#source)} takes too long on this output.`,
      "Use a simpler pattern: each counted repetition such as .{0,200} costs its number for every character.",
    );
  }
}
