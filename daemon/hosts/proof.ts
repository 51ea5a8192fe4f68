import { basename, dirname } from "node:path";
import { faultOf } from "../../shared/base/believed-path.ts";
import { hostVariable } from "../../shared/model/marks.ts";
import { readDescription } from "../host/description-file.ts";
import type { HostDescription } from "../host/protocol.ts";
import { markOfCommand } from "../processes/marks.ts";
import type { Processes } from "../processes/processes.ts";
import { hostMarkOf } from "./environment.ts";

/** A launch of another home, as a record of the shared store tells of it. */
export interface ClaimedLaunch {
  readonly sandboxId: string;
  readonly session: string;
  readonly launchId: string;
  readonly directory: string;
}

/**
 * Whether a living host of this user is of just that launch. What a record says of it is only where to look: the host's
 * own process tells its launch and home (its environment, as the kernel has it), and that home what the launch is of.
 */
export async function isHosted(claim: ClaimedLaunch, processes: Processes): Promise<boolean> {
  const { sandboxId, session, launchId, directory } = claim;
  if (basename(dirname(directory)) !== sandboxId) return false;
  // No other user can have put anything there.
  if (faultOf(directory, "directory") !== undefined) return false;
  const description = readDescription(directory);
  if (description?.launchId !== launchId || description.session !== session) return false;
  if (!(await processes.isAlive(description.host))) return false;
  return (await isOurs(description.host, processes)) && isMarked(description.host, claim, processes);
}

async function isOurs({ pid }: HostDescription["host"], processes: Processes): Promise<boolean> {
  const uid = process.getuid?.();
  return uid === undefined || (await processes.list()).some((one) => one.pid === pid && one.uid === uid);
}

async function isMarked(
  host: HostDescription["host"],
  { launchId, directory }: ClaimedLaunch,
  processes: Processes,
): Promise<boolean> {
  const mark = `${launchId}.${hostMarkOf(dirname(dirname(directory)))}`;
  const marked = await processes.withVariable(hostVariable);
  if (marked.length > 0) return marked.some(({ pid, value }) => pid === host.pid && value === mark);
  // Where environments can't be read, the command line says that it is a host or daemon of ours.
  return markOfCommand((await processes.describe(host)).command) !== undefined;
}
