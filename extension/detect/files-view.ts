import "../zod-without-eval.ts";

import { trustedFileIn } from "../../daemon/detect/believed.ts";
import { createWorkspace } from "../../daemon/detect/create-workspace.ts";
import { derivedSandboxId, type SandboxView } from "../../shared/model/sandbox.ts";

/**
 * What the files of a directory say can be started there, without a daemon. Files are read, within the bounds that the daemon
 * has; nothing is started and nothing executed.
 * @param home absolute path of Devlatch's home
 * @returns with an id of this window's own where the project sets none: a machine's name isn't asked for here
 * @throws DevlatchError `DIRECTORY_MISSING`, `DEADLINE`
 */
export async function describeFiles(cwd: string, home: string): Promise<SandboxView> {
  const workspace = createWorkspace(trustedFileIn(home));
  const [{ explicitId }, found] = await Promise.all([workspace.locate(cwd), workspace.describe(cwd)]);
  return { sandboxId: explicitId ?? derivedSandboxId("files", found.root), ...found };
}
