import { relative } from "node:path";
import type { SessionView } from "../../shared/model/session.ts";
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
  /** All servers, those that were started by hand around a directory among them. */
  around(cwd: string): Promise<readonly SessionView[]>;
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
  workspace: Pick<Workspace, "startedBy">,
): Promise<string | undefined> {
  const against = look.kills ? await againstKill(command, servers) : undefined;
  if (against !== undefined || !look.starts) return against;
  const apps = await workspace.startedBy(command, cwd);
  if (apps.length === 0) return undefined;
  const starts: Start[] = [];
  for (const [root, inRoot] of Map.groupBy(apps, (one) => one.root)) {
    const running = await servers.around(inRoot[0]?.directory ?? root);
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

function startOf({ app, root, directory }: StartedApp, running: readonly SessionView[]): Start {
  const here = running.filter((one) => one.root === root);
  const session = here.find((one) => one.app === app) ?? here.find((one) => one.cwd === directory);
  return session ? { app: session.app, session } : { app };
}

/** Where the app's name says nothing in the agent's directory, the way to where it does. */
function elsewhere({ root, directory }: StartedApp, cwd: string): { readonly directory?: string } {
  const way = relative(root, cwd);
  return way.startsWith("..") ? { directory } : {};
}
