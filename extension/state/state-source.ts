import type { LiveClient } from "../../shared/client/live-client.ts";
import type { StateSource } from "./repository.ts";

/** The connection as the repository sees it: it listens, and asks for descriptions only. */
export function stateSource(connection: LiveClient): StateSource {
  return {
    get link() {
      return connection.link;
    },
    get snapshot() {
      return connection.snapshot;
    },
    onLinkChanged: connection.onLinkChanged,
    onSnapshotChanged: connection.onSnapshotChanged,
    describe: (cwd, signal) => connection.request("sandbox/describe", { cwd }, { signal }),
  };
}
