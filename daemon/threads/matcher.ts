import { createContext, Script } from "node:vm";
import { DevlatchError } from "../../shared/base/errors.ts";

/** Longest time the pattern may take over one batch of texts, in milliseconds. */
const patienceMs = 500;

const testAll = new Script("texts.map((text) => pattern.test(text))");

/** Tells which texts a person's pattern matches. */
export class Matcher {
  readonly #source: string;
  readonly #scope: { pattern: RegExp; texts: readonly string[] };

  /** @throws DevlatchError `INVALID_INPUT` when the pattern isn't a regular expression */
  constructor(source: string) {
    this.#source = source;
    this.#scope = { pattern: compile(source), texts: [] };
    createContext(this.#scope);
  }

  /**
   * One answer per text.
   * @throws DevlatchError `INVALID_INPUT` when the pattern takes exponential time: the event loop must not hang
   */
  test(texts: readonly string[]): readonly boolean[] {
    this.#scope.texts = texts;
    try {
      return testAll.runInContext(this.#scope, { timeout: patienceMs }) as boolean[];
    } catch (error) {
      throw new DevlatchError(
        "INVALID_INPUT",
        `The pattern ${JSON.stringify(this.#source)} takes too long on this output.`,
        "Use a simpler pattern: nested repetitions such as (a+)+ take exponential time.",
        { cause: error },
      );
    }
  }
}

function compile(source: string): RegExp {
  try {
    return new RegExp(source);
  } catch (error) {
    throw new DevlatchError(
      "INVALID_INPUT",
      `${JSON.stringify(source)} is not a regular expression: ${error instanceof Error ? error.message : error}`,
      "Escape special characters with a backslash, e.g. \\( for a parenthesis.",
      { cause: error },
    );
  }
}
