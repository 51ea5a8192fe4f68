import type { ProcessIdentity, ProcessView } from "../../shared/model/process.ts";
import { isSameProcess } from "../../shared/model/process-words.ts";
import type { Workspace } from "../detect/workspace.ts";
import type { Processes, ProcessInfo } from "../processes/processes.ts";

/** How far up a server's ancestors are looked at: shells and a watcher, perhaps two. */
const mostAncestors = 8;

/** Shells that only hand on a line. */
const shell = /^(?:sh|bash|dash|zsh)$/;

/**
 * The watchers above a server that was started by hand, nearest first: each would start it again when a file changes, so
 * that it doesn't end without them. What only handed the command on ends by itself.
 */
export async function watchersOf(
  server: ProcessIdentity,
  {
    processes,
    workspace,
  }: { processes: Pick<Processes, "list" | "describe">; workspace: Pick<Workspace, "startsAgain"> },
): Promise<readonly ProcessView[]> {
  const all = await processes.list();
  const self = all.find((one) => isSameProcess(one, server));
  if (self === undefined) return [];
  const found: ProcessView[] = [];
  let started = await processes.describe(self);
  for (const one of ancestorsOf(self, all)) {
    const view = await processes.describe(one);
    if (isAbove(view, started, workspace)) {
      found.push(view);
      started = view;
    } else if (!shell.test(one.name)) break;
  }
  return found;
}

function isAbove(one: ProcessView, started: ProcessView, workspace: Pick<Workspace, "startsAgain">): boolean {
  if (one.cwd === undefined || started.cwd === undefined) return false;
  return workspace.startsAgain(
    { command: one.command, cwd: one.cwd },
    { command: started.command, cwd: started.cwd },
  );
}

/** Of its own user and session, nearest first. */
function ancestorsOf(self: ProcessInfo, all: readonly ProcessInfo[]): readonly ProcessInfo[] {
  const found: ProcessInfo[] = [];
  let at: ProcessInfo | undefined = self;
  while (found.length < mostAncestors) {
    const above: ProcessInfo | undefined = all.find(({ pid, zombie }) => pid === at?.ppid && !zombie);
    if (above === undefined || above.uid !== self.uid || above.sid !== self.sid) break;
    found.push(above);
    at = above;
  }
  return found;
}
