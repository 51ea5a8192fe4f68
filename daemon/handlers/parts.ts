import type { Log } from "../../shared/base/log.ts";
import type { DaemonView } from "../../shared/model/daemon.ts";
import type { Alerts } from "../alerts/alerts.ts";
import type { Cleanups } from "../cleanup/cleanups.ts";
import type { Workspace } from "../detect/contract.ts";
import type { Doctor } from "../doctor/doctor.ts";
import type { Health } from "../health/health.ts";
import type { Callers } from "../holders/callers.ts";
import type { Fights } from "../holders/fights.ts";
import type { Holders } from "../holders/holders.ts";
import type { Journal } from "../journal/journal.ts";
import type { LockService } from "../locks/lock-service.ts";
import type { ConcurrencyMonitor } from "../monitor/monitor.ts";
import type { Builds } from "../output/builds.ts";
import type { Processes } from "../processes/contract.ts";
import type { ResourceSampler } from "../resources/sampler.ts";
import type { RunService } from "../runs/service.ts";
import type { Sandboxes } from "../sandboxes/service.ts";
import type { SessionService } from "../sessions/service.ts";
import type { Threads } from "../threads/threads.ts";
import type { StateHub } from "./state-hub.ts";

/** What the handlers act on; `main.ts` wires it. */
export interface Parts {
  readonly workspace: Workspace;
  readonly sessions: SessionService;
  readonly runs: RunService;
  readonly sandboxes: Sandboxes;
  readonly holders: Holders;
  readonly callers: Callers;
  readonly fights: Fights;
  readonly threads: Threads;
  readonly journal: Journal;
  readonly alerts: Alerts;
  readonly processes: Processes;
  readonly builds: Builds;
  readonly resources: Pick<ResourceSampler, "history">;
  readonly cleanups: Pick<Cleanups, "list" | "owe" | "settle">;
  readonly doctor: Doctor;
  readonly health: Health;
  readonly monitor: ConcurrencyMonitor;
  readonly hub: StateHub;
  readonly log: Log;
  readonly machineId: string;
  readonly locks: LockService;
  readonly daemon: () => DaemonView;
  /** Ends the daemon after the answer has gone out; servers run on. */
  readonly shutDown: () => void;
}
