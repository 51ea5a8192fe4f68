import { readSync } from "node:fs";

/** Longest call that is read, in bytes; a longer one passes unread. */
const longestInput = 1_000_000;
const stdin = 0;
const chunkBytes = 65_536;

/** What has come so far. What is beyond the longest call is read and forgotten: a client's pipe shouldn't break. */
class Input {
  readonly #chunks: Buffer[] = [];
  #length = 0;

  take(chunk: Buffer): void {
    this.#length += chunk.length;
    if (this.#length <= longestInput) this.#chunks.push(chunk);
  }

  /** Undefined where it is too long. */
  get text(): string | undefined {
    return this.#length > longestInput ? undefined : Buffer.concat(this.#chunks).toString("utf8");
  }

  /** Whether a whole call has come: some clients leave their pipe open. */
  get isWhole(): boolean {
    const text = this.text?.trimEnd();
    return text?.endsWith("}") === true && isJson(text);
  }
}

/**
 * The call on standard input; undefined where it is longer than one may be.
 * @throws Error where it can't be read
 */
export async function readInput(): Promise<string | undefined> {
  const input = new Input();
  if (!readAtOnce(input)) await readAsItComes(input);
  return input.text;
}

/** Without a stream, which takes longer to be made than all the rest. @returns false where that can't be done to the end */
function readAtOnce(input: Input): boolean {
  try {
    for (;;) {
      const chunk = Buffer.allocUnsafe(chunkBytes);
      const length = readSync(stdin, chunk, 0, chunkBytes, null);
      if (length === 0) return true;
      input.take(chunk.subarray(0, length));
      if (input.isWhole) return true;
    }
  } catch (error) {
    // Windows says so at the end of a pipe.
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "EOF") return true;
    if (code === "EAGAIN") return false;
    throw error;
  }
}

/** From a descriptor that doesn't wait. */
function readAsItComes(input: Input): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  process.stdin.on("data", (chunk: Buffer) => {
    input.take(chunk);
    if (input.isWhole) resolve();
  });
  process.stdin.on("end", resolve);
  process.stdin.on("error", reject);
  return promise;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
