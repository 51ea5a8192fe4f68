import type { ProcessIdentity } from "../../shared/model/process.ts";
import type { Exit } from "../../shared/model/session.ts";
import type { Threads } from "./threads.ts";

/** What sessions read of their threads; see `SessionOutput` in `daemon/sessions/contract.ts`. */
export function threadOutput(threads: Threads) {
  return {
    /** The last lines the running (or last) launch wrote, oldest first. */
    tail(directory: string, lines: number): readonly string[] {
      const reader = threads.of(directory);
      const messages = reader.tail(lines, reader.lastLaunch()?.firstSeq ?? 1);
      return messages.filter(({ kind }) => kind === "output").map(({ text }) => text);
    },

    /** What the host recorded about a launch; undefined before it spawned anything. */
    launch(
      directory: string,
      launchId: string,
    ): { host: ProcessIdentity; leader: ProcessIdentity; exit?: Exit } | undefined {
      const launch = threads.of(directory).launch(launchId);
      if (!launch?.leader) return undefined;
      const { host, leader, end } = launch;
      return end ? { host, leader, exit: end.exit } : { host, leader };
    },
  };
}
