import { isWithin } from "../../shared/base/within.ts";
import type { SessionView } from "../../shared/model/session.ts";
import { isActive } from "../../shared/model/session-state.ts";
import type { Aim, Targets } from "../../shared/protocol/targets.ts";
import type { StartedApp, Workspace } from "../detect/workspace.ts";
import { aimOf } from "./aim.ts";
import type { Call } from "./call.ts";
import type { Look } from "./first-look.ts";
import { killRefusal, type Start, startRefusal } from "./refusals.ts";

/** What runs, as far as it is Devlatch's. */
export interface Servers {
  /** What would be hit by something that ends processes. */
  hitBy(aim: Aim): Promise<Targets>;
  /**
   * All servers that are known.
   * @param around absolute; the directory around which those that were started by hand are looked for first, which takes
   *   longer
   */
  known(around?: string): Promise<readonly SessionView[]>;
}

/**
 * Judges a command line.
 * @param look what it may be about
 * @returns why it may not run, for the agent; undefined where it may
 * @throws whatever keeps it from being judged
 */
export async function judge(
  { command, cwd }: Pick<Call, "command" | "cwd">,
  look: Look,
  servers: Servers,
  workspace: Pick<Workspace, "startedBy" | "scriptTexts">,
): Promise<string | undefined> {
  const against = look.kills ? await againstKill(command, servers) : undefined;
  if (against !== undefined || !look.starts) return against;
  const apps = await workspace.startedBy(command, cwd);
  // What starts no server may be a script that ends one.
  if (apps.length === 0) return againstKill((await workspace.scriptTexts(command, cwd)).join("\n"), servers);
  const known = await servers.known();
  const starts: Start[] = [];
  for (const [root, inRoot] of Map.groupBy(apps, (one) => one.root)) {
    const found = inRoot.map((one) => sessionOf(one, known));
    const running = found.every((one) => one !== undefined && isActive(one.state))
      ? known
      : await servers.known(inRoot[0]?.directory ?? root);
    starts.push(...inRoot.map((one) => ({ ...startOf(one, running), ...elsewhere(one, cwd) })));
  }
  return startRefusal(starts);
}

async function againstKill(command: string, servers: Servers): Promise<string | undefined> {
  const aim = aimOf(command);
  if (aim === undefined) return undefined;
  const { targets, daemon } = await servers.hitBy(aim);
  const others = targets.filter(({ own }) => !own);
  return others.length > 0 || daemon ? killRefusal(others, daemon) : undefined;
}

function startOf(one: StartedApp, running: readonly SessionView[]): Start {
  const session = sessionOf(one, running);
  return session ? { app: one.app, session } : { app: one.app };
}

function sessionOf({ app, root }: StartedApp, running: readonly SessionView[]): SessionView | undefined {
  return running.find((one) => one.root === root && one.app === app);
}

/** Where the app's name may mean another app, or none: a package's own comes first in it, and a root knows all. */
function elsewhere({ root, directory }: StartedApp, cwd: string): { readonly directory?: string } {
  return cwd === root || isWithin(cwd, directory) ? {} : { directory };
}
