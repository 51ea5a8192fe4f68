import type { Scope } from "../../shared/base/disposable.ts";
import { Callers } from "../holders/callers.ts";
import { Fights } from "../holders/fights.ts";
import { availableMemory } from "../resources/breaker.ts";
import { ByHand } from "../servers/by-hand.ts";
import { Departures } from "../servers/departures.ts";
import { Holding } from "../servers/holding.ts";
import { KillTargets } from "../servers/kill-targets.ts";
import { LaunchOutputs } from "../servers/launch-output.ts";
import { Leaving } from "../servers/leaving.ts";
import { Locator } from "../servers/locator.ts";
import { MemoryBudget } from "../servers/memory-budget.ts";
import { ServerOutput } from "../servers/output.ts";
import { ProjectApps } from "../servers/project-apps.ts";
import { Servers } from "../servers/servers.ts";
import { TaskOutput } from "../servers/task-output.ts";
import { Unwell } from "../servers/unwell.ts";
import { Viewers } from "../servers/viewers.ts";
import type { Base } from "./base.ts";
import type { Services } from "./services.ts";
import type { Watchers } from "./watchers.ts";

/** What callers can do with servers. */
export type UseCases = ReturnType<typeof createUseCases>;

export function createUseCases(
  { log, machineId, processes, store, threads }: Base,
  {
    sessions,
    runs,
    sandboxes,
    worktrees,
    workspace,
    holders,
    cleanups,
    builds,
    tasks,
    steps,
    resources,
  }: Services,
  { health }: Watchers,
  scope: Scope,
) {
  const { registry } = sessions;
  const fights = new Fights(() => performance.now());
  const locator = new Locator(workspace, sandboxes, registry, machineId, worktrees);
  const holding = new Holding({ holders, fights, registry, processes, workspace, cleanups, log });
  const budget = new MemoryBudget({
    hosted: () => registry.all().filter((record) => sessions.launchHere(record) !== undefined),
    holders,
    used: (key) => resources.latest(key),
    percent: () => health.thresholds.serversPercent,
    memoryBytes: availableMemory(),
    now: () => store.now(),
  });
  const leaving = new Leaving({ holders, holding, sessions });
  return {
    callers: new Callers(processes),
    locator,
    holding,
    leaving,
    departures: scope.add(new Departures({ leaving, processes, log })),
    servers: new Servers(
      locator,
      sessions,
      holding,
      scope.add(new Unwell(health.onChanged)),
      tasks,
      steps,
      budget,
    ),
    apps: new ProjectApps(locator, registry),
    byHand: new ByHand(locator, sessions, log),
    output: new ServerOutput({ locator, sessions, threads, builds, workspace }),
    taskOutput: new TaskOutput({ locator, runs, threads }),
    launchOutputs: new LaunchOutputs({ sessions, threads, builds }),
    viewers: new Viewers(locator, sessions, holding),
    killTargets: new KillTargets({ sessions, holders, processes }),
  };
}
