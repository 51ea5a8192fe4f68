import { locateHome } from "../../shared/client/home.ts";
import { enableOwnCache } from "../../shared/client/own-cache.ts";
import type { Workspace } from "../detect/workspace.ts";
import type { Call } from "./call.ts";
import type { Look } from "./first-look.ts";
import type { LiveServers } from "./live-servers.ts";

/** Why a command may not run, by the project's files and what runs now; undefined where it may. */
export async function reasonAgainst(call: Call, look: Look): Promise<string | undefined> {
  enableOwnCache();
  const { judge } = await import("./judge.ts");
  // Reading a project and reaching a daemon are much to load: each for the calls that come to it.
  let live: Promise<LiveServers> | undefined;
  const servers = () => {
    live ??= import("./live-servers.ts").then((loaded) => new loaded.LiveServers());
    return live;
  };
  try {
    return await judge(
      call,
      look,
      {
        hitBy: async (aim) => (await servers()).hitBy(aim),
        around: async (cwd) => (await servers()).around(cwd),
      },
      {
        startedBy: async (line, cwd) => {
          const workspace = await loadWorkspace();
          return workspace.startedBy(line, cwd);
        },
      },
    );
  } finally {
    (await live)?.dispose();
  }
}

async function loadWorkspace(): Promise<Workspace> {
  const { createWorkspace } = await import("../detect/create-workspace.ts");
  const { trustedFileIn } = await import("../detect/believed.ts");
  return createWorkspace(trustedFileIn(locateHome().directory));
}
