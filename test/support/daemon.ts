import { join } from "node:path";
import type { Connection } from "../../shared/client/connection.ts";
import { type DaemonOptions, ensureDaemon } from "../../shared/client/daemon.ts";
import { type Home, locateHome } from "../../shared/client/home.ts";
import type { TestHome } from "./home.ts";
import { repository } from "./paths.ts";

/** How a test connects to the built daemon of its home. */
export function daemonOptions(home: TestHome, client: Partial<DaemonOptions["client"]> = {}): DaemonOptions {
  return {
    home: homeOf(home),
    program: { script: join(repository, "dist/daemon.js") },
    client: { kind: "test", name: "test", pid: process.pid, trusted: true, ...client },
    build: "test",
  };
}

/** The paths of a test's home, as daemon and clients derive them. */
export function homeOf(home: TestHome): Home {
  return locateHome(home.env());
}

/** Connects to the daemon of this home, which is started if none runs. */
export function connectTo(
  home: TestHome,
  client: Partial<DaemonOptions["client"]> = {},
): Promise<Connection> {
  return ensureDaemon(daemonOptions(home, client));
}
