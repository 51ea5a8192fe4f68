import { hostname } from "node:os";
import type { Scope } from "../../shared/base/disposable.ts";
import { sessionKey } from "../../shared/model/keys.ts";
import { isActive } from "../../shared/model/session-state.ts";
import { Cleanups } from "../cleanup/cleanups.ts";
import { trustedFileIn } from "../detect/believed.ts";
import { createWorkspace } from "../detect/create-workspace.ts";
import { Holders } from "../holders/holders.ts";
import { hostGrowth } from "../hosts/client.ts";
import { Hosts } from "../hosts/hosts.ts";
import { Builds } from "../output/builds.ts";
import { firstErrorIn } from "../output/first-error.ts";
import { lastCrash } from "../output/watchers.ts";
import { ResourceSampler } from "../resources/sampler.ts";
import { ShownResources } from "../resources/shown.ts";
import { runsInSandbox } from "../runs/in-sandbox.ts";
import { RunService } from "../runs/service.ts";
import type { SandboxSessions } from "../sandboxes/dependencies.ts";
import { PortBlocks } from "../sandboxes/port-blocks.ts";
import { Sandboxes } from "../sandboxes/service.ts";
import { WorktreePorts } from "../sandboxes/worktree-ports.ts";
import { SandboxSteps } from "../servers/sandbox-steps.ts";
import { Tasks } from "../servers/tasks.ts";
import { sessionsInSandbox } from "../sessions/in-sandbox.ts";
import { SessionService } from "../sessions/service.ts";
import { threadOutput } from "../threads/output.ts";
import type { Base } from "./base.ts";
import { performCleanup } from "./cleanups.ts";
import type { OwnProgram } from "./options.ts";

/** How long the teardown of a sandbox may take, in milliseconds: its pool waits for it. */
const tearDownMs = 120_000;

/** Sessions, runs, sandboxes, and what is known of them. */
export type Services = ReturnType<typeof createServices>;

export function createServices(base: Base, hostProgram: OwnProgram, scope: Scope) {
  const { home, log, journal, processes, machineId, store, deadOwners, locks, threads } = base;
  const { records } = store;
  const cleanups: Cleanups = scope.add(
    new Cleanups({
      file: home.cleanupsFile,
      perform: (task, signal) =>
        performCleanup({ sessions, runs, sandboxes, holders, deadOwners }, task, signal),
      onHappened: (happened) => journal.append(happened),
      log,
      now: Date.now,
    }),
  );
  const output = threadOutput(threads);
  const { sessionsDirectory, journalFile } = home;
  const hosts = new Hosts({ processes, log, output, sessionsDirectory, journalFile, hostProgram });
  const common = { hosts, locks, log, cleanups, machineId, now: Date.now };
  const workspace = createWorkspace(trustedFileIn(home.directory));
  const worktrees = new WorktreePorts(
    scope.add(new PortBlocks(locks, records, machineId, log)),
    workspace,
    machineId,
  );
  const sessions = scope.add(
    new SessionService(
      { ...common, processes, output, workspace, worktrees, errorIn: firstErrorIn, crashIn: lastCrash },
      records,
    ),
  );
  const runs = scope.add(new RunService({ ...common, thread: (at) => threads.of(at) }, records));
  const tasks = new Tasks({ runs, workspace, registry: sessions.registry, worktrees });
  const steps = new SandboxSteps({ tasks, workspace, runs });
  const holders = scope.add(
    new Holders({
      records,
      processes,
      log,
      machineId,
      machine: hostname(),
      isStopped: (place) => {
        const state = sessions.registry.peek(sessionKey(place))?.state;
        return state !== undefined && !isActive(state);
      },
      now: () => store.now(),
    }),
  );
  const sandboxes = scope.add(
    new Sandboxes({
      locks,
      records,
      now: () => store.now(),
      workspace,
      processes,
      sessions: together(
        runsInSandbox(runs, (directory) => threads.close(directory)),
        sessionsInSandbox(sessions, sessionsDirectory, {
          directory: (directory) => threads.close(directory),
          holders: (record) => holders.forget(record),
        }),
      ),
      tearDown: (place, callerEnvironment, signal) =>
        steps.tearDown(place, { callerEnvironment, signal, timeoutMs: tearDownMs, progress: () => {} }),
      onHappened: (happened) => journal.append({ kind: "sandbox", ...happened }),
      cleanups,
      log,
      machineId,
      directory: home.sandboxesDirectory,
    }),
  );
  const resources = scope.add(
    new ResourceSampler(
      { trees: () => sessions.trees(), onChanged: sessions.registry.onChanged },
      { processes, log },
    ),
  );
  const shown = scope.add(new ShownResources(resources));
  const builds = scope.add(
    new Builds({
      machineId,
      sessions: sessions.registry,
      connect: hostGrowth,
      thread: (directory) => threads.of(directory),
      packages: (root) => workspace.packageDirectories(root),
      now: Date.now,
    }),
  );
  return {
    ...{ cleanups, hosts, sessions, runs, tasks, steps, holders, workspace, sandboxes, worktrees },
    ...{ resources, shown, builds },
  };
}

/** Runs and servers of a sandbox as one. Output of both is in one place, so what runs is forgotten first. */
function together(runs: SandboxSessions, sessions: SandboxSessions): SandboxSessions {
  const parts = [runs, sessions];
  return {
    live: async (sandboxId) => (await Promise.all(parts.map((one) => one.live(sandboxId)))).includes(true),
    stop: async (sandboxId, signal) => {
      for (const one of parts) await one.stop(sandboxId, signal);
    },
    forget: async (sandboxId) => {
      for (const one of parts) await one.forget(sandboxId);
    },
  };
}
