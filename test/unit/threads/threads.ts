import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { ThreadReader } from "../../../daemon/threads/reader.ts";
import { ThreadWriter, type ThreadWriterOptions } from "../../../daemon/threads/writer.ts";
import type { ThreadMessage } from "../../../shared/model/thread.ts";

/** A thread in a directory of its own; reader, writers and directory are gone after the test. */
export class ThreadBench {
  readonly directory = mkdtempSync(join(tmpdir(), "devlatch-thread-"));
  readonly file = join(this.directory, "thread.db");
  readonly reader = new ThreadReader(this.file);
  readonly #writers: ThreadWriter[] = [];

  constructor(test?: TestContext) {
    test?.after(() => this.dispose());
  }

  open(options?: ThreadWriterOptions): ThreadWriter {
    const writer = ThreadWriter.open(this.file, options);
    this.#writers.push(writer);
    return writer;
  }

  /** Writes the numbers from `first` to `last`, a line each. */
  fill(writer: ThreadWriter, first: number, last: number): void {
    for (let number = first; number <= last; number++) writer.append(Buffer.from(`line ${number}\r\n`));
    writer.flush();
  }

  /** Reads from `cursor` to the end, page by page. */
  async all(limit = 100, cursor = 0, grep?: string): Promise<ThreadMessage[]> {
    const found: ThreadMessage[] = [];
    for (let at = cursor; ; ) {
      const page = await this.reader.page({ cursor: at, limit, ...(grep === undefined ? {} : { grep }) });
      found.push(...page.messages);
      if (page.next === at) return found;
      at = page.next;
    }
  }

  dispose(): void {
    for (const writer of this.#writers) writer.close();
    this.reader.dispose();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

export const launchOf = (launchId: string) => ({
  launchId,
  host: { pid: 10, startTime: "boot:1" },
  command: ["npm", "run", "dev"],
  startedAt: 1_000,
});
