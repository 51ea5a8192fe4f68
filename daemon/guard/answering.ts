import { locateHome } from "../../shared/client/home.ts";
import type { Workspace } from "../detect/workspace.ts";
import type { Call } from "./call.ts";
import type { Look } from "./first-look.ts";
import type { LiveServers } from "./live-servers.ts";

/** Why a command may not run, by the project's files and what runs now; undefined where it may. */
export async function reasonAgainst(call: Call, look: Look): Promise<string | undefined> {
  const { judge } = await import("./judge.ts");
  // Reading a project and reaching a daemon are much to load: each for the calls that come to it.
  let live: Promise<LiveServers> | undefined;
  const servers = () => {
    live ??= import("./live-servers.ts").then((loaded) => new loaded.LiveServers());
    return live;
  };
  let loaded: Promise<Workspace> | undefined;
  const workspace = () => {
    loaded ??= loadWorkspace();
    return loaded;
  };
  try {
    return await judge(
      call,
      look,
      {
        hitBy: async (aim) => (await servers()).hitBy(aim),
        known: async (around) => (await servers()).known(around),
      },
      {
        startedBy: async (line, cwd) => (await workspace()).startedBy(line, cwd),
        scriptTexts: async (line, cwd) => (await workspace()).scriptTexts(line, cwd),
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
