import { sessionKey } from "../../shared/model/keys.ts";
import type { Hosting, SessionRecord } from "../../shared/model/session.ts";
import { isLive } from "../../shared/model/session-state.ts";
import type { Hosts } from "../hosts/hosts.ts";
import type { TreeRoot } from "../processes/processes.ts";

/** The process tree of a session that lives on this machine. */
export interface SessionTree {
  readonly key: string;
  readonly session: string;
  /** Its app, and the root of its workspace. */
  readonly server: { readonly app: string; readonly root: string };
  /** Undefined for a server that was started by hand. */
  readonly launchId: string | undefined;
  readonly root: TreeRoot;
}

/** The trees of all these sessions that live on this machine. */
export function liveTrees(
  records: readonly SessionRecord[],
  hosts: Pick<Hosts, "treeOf">,
  machineId: string,
): readonly SessionTree[] {
  return records.flatMap((record) => {
    const { sandboxId, app, session, state, hosting } = record;
    if (!isLive(state) || hosting?.machineId !== machineId) return [];
    const launchId = hosting.kind === "hosted" ? hosting.launchId : undefined;
    const server = { app, root: record.root };
    const key = sessionKey({ sandboxId, app });
    return [{ key, session, server, launchId, root: rootOf(hosting, hosts) }];
  });
}

function rootOf(hosting: Hosting, hosts: Pick<Hosts, "treeOf">): TreeRoot {
  if (hosting.kind === "hosted") return hosts.treeOf(hosting);
  const { pid, startTime } = hosting;
  // What was started by hand carries no cookie; no launch has this one.
  return { leader: { pid, startTime }, cookie: "adopted" };
}
