import { withDeadline } from "../../shared/base/deadline.ts";
import type { Parts } from "./parts.ts";
import { resolveTarget } from "./targets.ts";

/** How long looking for servers may take, in milliseconds: one that hangs isn't waited for. */
const lookMs = 3_000;

/**
 * Looks whether somebody started a server of this directory's apps by hand, so that it is shown as adopted. What can't be
 * resolved, reached or locked just now is left for the next look.
 */
export async function recogniseServers(parts: Parts, cwd: string): Promise<void> {
  const signal = withDeadline(lookMs, "Looking for servers");
  const look = async (app: string) =>
    parts.sessions.recognise(await resolveTarget(parts, { cwd, app }), signal);
  try {
    const { apps } = await parts.workspace.describe(cwd);
    const looks = await Promise.allSettled(apps.map(({ app }) => look(app)));
    for (const { status, ...why } of looks) {
      if (status === "rejected")
        parts.log.debug({ ...why, cwd }, "a server started by hand can't be recognised");
    }
  } catch (error) {
    parts.log.debug({ err: error, cwd }, "servers started by hand can't be looked for");
  }
}
