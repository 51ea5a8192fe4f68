import { join } from "node:path";
import type { Disposable } from "../../shared/base/disposable.ts";
import { ThreadReader } from "./reader.ts";
import { isDamage, isLaterVersion, setAside } from "./schema.ts";

/** Readers kept open at most; the least recently used is closed. */
const keptReaders = 64;

/** File name of a session's thread in its directory. */
export const threadFile = "thread.db";

/** The threads of this machine's sessions, by directory; readers stay open for the next page. */
export class Threads implements Disposable {
  readonly #readers = new Map<string, ThreadReader>();

  of(directory: string): ThreadReader {
    const known = this.#readers.get(directory);
    const reader = known ?? new ThreadReader(join(directory, threadFile));
    this.#readers.delete(directory);
    this.#readers.set(directory, reader);
    if (this.#readers.size > keptReaders) this.#closeOldest();
    return reader;
  }

  /** Whether a launch is written down in the thread of this directory. A thread that can't be read knows none. */
  knows(directory: string, launchId: string): boolean {
    try {
      return this.of(directory).launch(launchId) !== undefined;
    } catch {
      return false;
    }
  }

  /** Why the file of the thread in this directory can't be used; undefined where it can be, or isn't there. */
  damage(directory: string): string | undefined {
    return faultIn(directory)?.message;
  }

  /** Moves a damaged file, or one of a later version, out of the way, as the next host would. Only while no host runs. */
  setAside(directory: string): void {
    this.close(directory);
    const isLater = isLaterVersion(faultIn(directory));
    setAside(join(directory, threadFile), isLater ? "later" : "damaged");
  }

  /** Closes what is open in a directory, e.g. because it goes. */
  close(directory: string): void {
    this.#readers.get(directory)?.dispose();
    this.#readers.delete(directory);
  }

  #closeOldest(): void {
    for (const [directory, reader] of this.#readers) {
      this.#readers.delete(directory);
      reader.dispose();
      return;
    }
  }

  dispose(): void {
    for (const reader of this.#readers.values()) reader.dispose();
    this.#readers.clear();
  }
}

function faultIn(directory: string): Error | undefined {
  // Opened anew: a reader that was open before goes on with what it has in memory.
  const reader = new ThreadReader(join(directory, threadFile));
  try {
    reader.lastLaunch();
    return undefined;
  } catch (error) {
    const cause = error instanceof Error ? error.cause : undefined;
    return cause instanceof Error && isDamage(cause) ? cause : undefined;
  } finally {
    reader.dispose();
  }
}
