import { StringDecoder } from "node:string_decoder";
import { withoutEscapes } from "../../../shared/base/plain-text.ts";

// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is looked for
const colour = /(\x1b\[[\d;:]{0,64}m)/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: all but tabs
const controls = /[\x00-\x08\x0a-\x1f\x7f-\x9f]/g;
/** What may be the beginning of a sequence that the next output completes. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is looked for
const unfinished = /\x1b(?:\[[0-?]{0,256}[ -/]{0,8}|\][^\x07\x1b]{0,4096})?$/;
/** Longest line that is held back until it ends, in characters. */
const longestLine = 64 * 1024;

/**
 * A terminal's output as lines for a pipe: what moves the cursor is left out, and of a line that was written over what was
 * written last. Colours stay where they are wanted.
 */
export class PlainOutput {
  readonly #colours: boolean;
  readonly #decoder = new StringDecoder("utf8");
  #rest = "";

  constructor(colours: boolean) {
    this.#colours = colours;
  }

  /** @returns the lines that are complete by now, with their line feeds */
  take(bytes: Buffer): string {
    const text = this.#rest + this.#decoder.write(bytes);
    const end = text.lastIndexOf("\n") + 1;
    this.#rest = text.slice(end);
    const lines =
      end === 0
        ? ""
        : text
            .slice(0, end - 1)
            .split("\n")
            .map((line) => `${this.#line(line)}\n`)
            .join("");
    return this.#rest.length > longestLine ? lines + this.flush() : lines;
  }

  /** What stands on a line that hasn't ended, e.g. a question; it isn't given again. */
  flush(): string {
    const held = unfinished.exec(this.#rest)?.[0] ?? "";
    const text = this.#rest.slice(0, this.#rest.length - held.length);
    // What follows a carriage return writes over this line.
    if (text.endsWith("\r")) return "";
    this.#rest = held;
    return this.#line(text);
  }

  #line(raw: string): string {
    const line = raw.replace(/\r+$/, "");
    const last = line.slice(line.lastIndexOf("\r") + 1);
    return last
      .split(colour)
      .map((part, index) =>
        index % 2 === 1 ? (this.#colours ? part : "") : withoutEscapes(part).replace(controls, ""),
      )
      .join("");
  }
}
