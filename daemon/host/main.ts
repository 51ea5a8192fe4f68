/** The session host: a process of its own, spawned detached, one per launch. See `protocol.ts`. */
import { dirname } from "node:path";
import { requireBelieved } from "../../shared/base/believed-path.ts";
import { toErrorShape } from "../../shared/base/errors.ts";
import { locateHome } from "../../shared/client/home.ts";
import { Journal } from "../journal/journal.ts";
import { createProcesses } from "../processes/create-processes.ts";
import { keepMemorySmall } from "../processes/memory.ts";
import type { Processes } from "../processes/processes.ts";
import { recordSignals } from "../processes/recorded.ts";
import { becomeSubreaper } from "../processes/subreaper.ts";
import { prepareHostProcess } from "../processes/windows/host-process.ts";
import { holdExclusive } from "../store/sqlite/exclusive.ts";
import type { Host } from "./host.ts";
import { logProblem } from "./host-log.ts";
import { launchFailure, launchHost } from "./launch.ts";
import { ownProcesses } from "./own-processes.ts";
import { ensurePrivateDirectory } from "./private-directory.ts";
import type { HostSpec } from "./protocol.ts";
import { detachStdio, readSpec, report } from "./stdio.ts";

/** What is worth a collection, in bytes: what follows a start leaves 3 MB behind, and then a host hardly takes any. */
const worthGivingBack = 2 * 1024 * 1024;

/** What SIGTERM to the host gives the tree before SIGKILL, in milliseconds. */
const terminateTimeoutMs = 2_000;

async function main(): Promise<void> {
  let host: Host | undefined;
  keepMemorySmall({ worthBytes: worthGivingBack, alsoGiveBack: () => host?.giveBack() });
  const spec = await readSpec(process.stdin);
  prepareHostProcess();
  let leaderPid: number | undefined;
  // Before anything is spawned; until the leader is known, no process is reaped.
  const subreaper = await becomeSubreaper((pid) => leaderPid === undefined || pid === leaderPid);
  host = await launch(spec, subreaper !== undefined);
  leaderPid = host?.terminalPid;
  subreaper?.reap();
  if (host === undefined) return;
  process.on("SIGTERM", () => void host.stop("SIGTERM", terminateTimeoutMs).catch(logProblem));
  const { host: self, leader } = host.description;
  report({ kind: "running", host: self, leader });
  detachStdio(spec.directory);
  await host.run();
}

/** Every signal goes into the journal. */
function recordedProcesses({ journal: file, session, directory }: HostSpec): Processes {
  const home = locateHome({ DEVLATCH_HOME: dirname(dirname(dirname(directory))) });
  const processes = createProcesses(() => ownProcesses(home));
  if (file === undefined) return processes;
  const journal = new Journal(file, { onProblem: (problem) => logProblem(problem) });
  process.on("exit", () => journal.dispose());
  return recordSignals(processes, (signal, target) =>
    journal.append({ kind: "signal", by: session, signal, process: target }),
  );
}

/** @returns undefined when nothing was spawned; that has been reported then */
async function launch(spec: HostSpec, adoptsOrphans: boolean): Promise<Host | undefined> {
  try {
    // Before anything there is read.
    ensurePrivateDirectory(spec.directory);
    if (spec.journal !== undefined) requireBelieved(spec.journal, "anything");
    const dependencies = {
      processes: recordedProcesses(spec),
      holdExclusive,
      clock: Date.now,
      adoptsOrphans,
    };
    const host = await launchHost(spec, dependencies);
    if (host === undefined) report({ kind: "occupied" });
    return host;
  } catch (error) {
    const { code, message, remedy } = toErrorShape(launchFailure(spec, error));
    report({ kind: "failed", code, message, remedy });
    return undefined;
  }
}

// The terminal or window a host was started from may close; that is nothing to the session.
process.on("SIGHUP", () => {});
process.on("SIGINT", () => {});
// A defect in answering one client must not end the server: it goes to host.log.
process.on("uncaughtException", (error) => logProblem(error));

try {
  await main();
} catch (error) {
  logProblem(error);
  process.exitCode = 1;
}
process.exit();
