import { locateHome } from "../../shared/client/home.ts";
import { enableOwnCache } from "../../shared/client/own-cache.ts";
import type { Call } from "./call.ts";
import type { Look } from "./first-look.ts";

/** Why a command may not run, by the project's files and what runs now; undefined where it may. */
export async function reasonAgainst(call: Call, look: Look): Promise<string | undefined> {
  enableOwnCache();
  const [{ judge }, { LiveServers }, { createWorkspace }, { trustedFileIn }] = await Promise.all([
    import("./judge.ts"),
    import("./live-servers.ts"),
    import("../detect/create-workspace.ts"),
    import("../detect/believed.ts"),
  ]);
  const servers = new LiveServers();
  const workspace = createWorkspace(trustedFileIn(locateHome().directory));
  try {
    return await judge(call, look, servers, workspace);
  } finally {
    servers.dispose();
  }
}
