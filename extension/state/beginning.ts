import { roleOf, type Server, serversOf } from "./servers.ts";
import type { WindowState } from "./window-state.ts";

/** What a workspace offers in which no server was started yet. */
export type Beginning =
  | { readonly kind: "none" }
  /** These could be started, were the workspace trusted. */
  | { readonly kind: "trust"; readonly servers: readonly Server[] }
  | { readonly kind: "start"; readonly servers: readonly Server[] };

/** As many are offered at once; the others have their rows. */
const mostOffered = 3;

export function beginningOf(state: WindowState): Beginning {
  const all = serversOf(state).filter((server) => roleOf(server) === "server");
  const isNew = all.length > 0 && all.every(({ session }) => session === undefined);
  if (!isNew) return { kind: "none" };
  const servers = all.slice(0, mostOffered);
  if (!state.trusted) return { kind: "trust", servers };
  return state.link.kind === "connected" ? { kind: "start", servers } : { kind: "none" };
}
