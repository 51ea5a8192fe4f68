import type { MessageConnection } from "vscode-jsonrpc/node";
import { DevlatchError } from "../base/errors.ts";
import { isThisBuild } from "../base/version.ts";
import type { daemonApi } from "../protocol/methods.ts";
import { RpcClient } from "../rpc/client.ts";
import type { Contract } from "../rpc/contract.ts";
import type { ServingEnd } from "../rpc/request.ts";

/** The daemon, to errors of its clients. */
export const theDaemon: ServingEnd = {
  name: "The daemon",
  remedy: "Client and daemon may be of different builds. Restart it with: devlatch daemon stop",
  lost: () =>
    new DevlatchError(
      "DAEMON_UNAVAILABLE",
      "The connection to the daemon ended before it answered.",
      "Servers go on running. Try again: the next command starts a new daemon.",
    ),
};

/** An authenticated connection to the daemon. */
export class Connection extends RpcClient<typeof daemonApi> {
  /** Identifies the daemon process; revisions of another epoch can't be compared. */
  readonly epoch: string;
  /** Build of the daemon. */
  readonly build: string;

  constructor(
    rpc: MessageConnection,
    daemon: { epoch: string; build: string },
    contract: Contract<typeof daemonApi>,
  ) {
    super({ rpc, server: theDaemon }, contract);
    this.epoch = daemon.epoch;
    this.build = daemon.build;
  }
}

/** How a daemon that has proved itself is taken. @param build what it says it was built of */
export async function contractWith(build: string): Promise<Contract<typeof daemonApi>> {
  return isThisBuild(build) ? { kind: "believed", load: loadApi } : { kind: "checked", api: await loadApi() };
}

async function loadApi(): Promise<typeof daemonApi> {
  return (await import("../protocol/methods.ts")).daemonApi;
}
