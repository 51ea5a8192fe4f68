import { dirname } from "node:path";
import { cleanUp } from "../../shared/base/clean-up.ts";
import { build } from "../../shared/base/version.ts";
import type { Connection } from "../../shared/client/connection.ts";
import { connectToDaemon } from "../../shared/client/daemon.ts";
import { locateHome } from "../../shared/client/home.ts";
import { readDaemonState } from "../../shared/client/state-file.ts";
import type { SessionView } from "../../shared/model/session.ts";
import { isActive } from "../../shared/model/session-state.ts";

// A program of its own: the editor runs it once the extension is uninstalled and its windows are gone (`vscode:uninstall`),
// gives it five seconds, and then removes its files. Without a daemon there is nothing to do.

/** For each stop, in milliseconds. */
const stopMs = 4_000;

/**
 * Whether nothing speaks for a server any more: a window or its agent had it started, and no one uses it. What a terminal or
 * a script had started was asked for elsewhere.
 */
function isLeft({ state, hosting, holders, startedBy }: SessionView): boolean {
  const ours = startedBy?.kind === "window" || startedBy?.kind === "agent";
  return isActive(state) && hosting === "hosted" && holders.length === 0 && ours;
}

async function stopLeft(connection: Connection): Promise<boolean> {
  const { sessions } = await connection.request("daemon/status", {});
  const steps = sessions.filter(isLeft).map(({ app, root }) => ({
    what: "stop",
    thing: `${app} in ${root}`,
    run: (signal: AbortSignal) => connection.request("session/stop", { cwd: root, app }, { signal }),
  }));
  const failures = await cleanUp(steps, { deadlineMs: stopMs });
  return failures.length === 0;
}

/** The daemon ends where its files are about to go; one of another installation is another user's. */
async function main(): Promise<void> {
  const home = locateHome();
  const script = readDaemonState(home)?.script;
  const client = { kind: "cli", name: "devlatch, uninstalled", pid: process.pid, trusted: true } as const;
  const connection = await connectToDaemon({ home, client, build });
  // A stop under way is left to finish: the daemon ends by itself when it has nothing to do.
  const areStopped = await stopLeft(connection);
  if (areStopped && script !== undefined && dirname(script) === import.meta.dirname)
    await connection.request("daemon/stop", {});
  connection.dispose();
}

main().catch(() => {});
