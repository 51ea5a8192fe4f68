import { hasCode } from "../../shared/base/errors.ts";
import type { Exit } from "../../shared/model/exit.ts";
import type { ProcessIdentity } from "../../shared/model/process.ts";
import type { Threads } from "./threads.ts";

/** What sessions read of their threads; see `SessionOutput` in `daemon/sessions/dependencies.ts`. */
export function threadOutput(threads: Threads) {
  return {
    /** The last lines the running (or last) launch wrote, oldest first; none where the thread can't be read. */
    tail(directory: string, lines: number): readonly string[] {
      return readable(() => tailOf(threads, directory, lines)) ?? [];
    },

    /** The line that a launch hasn't finished yet, e.g. a question; empty where there is none, or it can't be read. */
    unfinished(directory: string, launchId: string): string {
      return readable(() => threads.of(directory).unfinished(launchId)) ?? "";
    },

    /** Sequence of the last message; 0 where there is none, or it can't be read. */
    lastSeq(directory: string): number {
      return readable(() => threads.of(directory).lastSeq()) ?? 0;
    },

    /** What the host recorded about a launch; undefined before it spawned anything, and where that can't be read. */
    launch(
      directory: string,
      launchId: string,
    ): { host: ProcessIdentity; leader: ProcessIdentity; exit?: Exit } | undefined {
      const launch = readable(() => threads.of(directory).launch(launchId));
      if (!launch?.leader) return undefined;
      const { host, leader, end } = launch;
      return end ? { host, leader, exit: end.exit } : { host, leader };
    },
  };
}

function tailOf(threads: Threads, directory: string, lines: number): readonly string[] {
  const reader = threads.of(directory);
  const messages = reader.tail(lines, reader.lastLaunch()?.firstSeq ?? 1);
  return messages.filter(({ kind }) => kind === "output").map(({ text }) => text);
}

/** A damaged thread costs its output, and nothing else: the next host sets it aside. */
function readable<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (hasCode(error, "STORE_UNAVAILABLE")) return undefined;
    throw error;
  }
}
