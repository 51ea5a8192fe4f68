import type { Streams } from "./output.ts";

/**
 * The process' own streams, each opened when it is first used: Node makes an opened pipe non-blocking, and a program that
 * this process becomes wouldn't expect that.
 */
export class OwnStreams implements Streams {
  #stdout: NodeJS.WriteStream | undefined;
  #stderr: NodeJS.WriteStream | undefined;
  #stdin: NodeJS.ReadStream | undefined;

  /** Whether one was opened that a program taking this process' place would find changed. */
  get changed(): boolean {
    return [this.#stdout, this.#stderr, this.#stdin].some((one) => one !== undefined && !one.isTTY);
  }

  get stdout(): NodeJS.WriteStream {
    this.#stdout ??= withReader(process.stdout);
    return this.#stdout;
  }

  get stderr(): NodeJS.WriteStream {
    this.#stderr ??= process.stderr.on("error", () => {});
    return this.#stderr;
  }

  get stdin(): NodeJS.ReadStream {
    this.#stdin ??= process.stdin;
    return this.#stdin;
  }
}

/** A reader that went away (`devlatch logs web | head`) is no failure, and never a stack trace. */
function withReader(stdout: NodeJS.WriteStream): NodeJS.WriteStream {
  return stdout.on("error", (error) => process.exit("code" in error && error.code === "EPIPE" ? 0 : 1));
}
