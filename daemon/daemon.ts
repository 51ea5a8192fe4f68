import { hostname } from "node:os";
import { describeFailures } from "../shared/base/clean-up.ts";
import { type Disposable, Scope } from "../shared/base/disposable.ts";
import type { Log } from "../shared/base/log.ts";
import { randomToken } from "../shared/base/token.ts";
import { version } from "../shared/base/version.ts";
import type { Home } from "../shared/client/home.ts";
import { isActive, sessionKey } from "../shared/model/session.ts";
import { Cleanups } from "./cleanup/cleanups.ts";
import { createWorkspace } from "./detect/workspace.ts";
import { stopWhenTooLarge } from "./handlers/breaker.ts";
import { performCleanup } from "./handlers/cleanups.ts";
import type { Handlers, Listeners } from "./handlers/contract.ts";
import { createDoctor } from "./handlers/create-doctor.ts";
import { createHandlers, createListeners } from "./handlers/handlers.ts";
import type { Parts } from "./handlers/parts.ts";
import { publishChanges, viewOf } from "./handlers/publish.ts";
import { restartWhenDue } from "./handlers/restarts.ts";
import { StateHub } from "./handlers/state-hub.ts";
import { stopWhenUnused } from "./handlers/unused.ts";
import {
  concurrencyCheck,
  resourcesCheck,
  serversCheck,
  startLoopMonitor,
  storeCheck,
} from "./health/checks.ts";
import { HealthMonitor } from "./health/monitor.ts";
import { Callers } from "./holders/callers.ts";
import { Fights } from "./holders/fights.ts";
import { Holders } from "./holders/holders.ts";
import { Hosts } from "./host/hosts.ts";
import { Journal } from "./journal/journal.ts";
import { closeStore } from "./lifecycle/closing.ts";
import { PickUp } from "./lifecycle/pick-up.ts";
import { DeadOwners, rivalAmong } from "./locks/dead-owners.ts";
import { LockService } from "./locks/lock-service.ts";
import { ConcurrencyMonitor } from "./monitor/monitor.ts";
import type { Processes } from "./processes/contract.ts";
import { machineId } from "./processes/machine.ts";
import { recordSignals } from "./processes/recorded.ts";
import { ResourceSampler } from "./resources/sampler.ts";
import { ShownResources } from "./resources/shown.ts";
import { RunService } from "./runs/service.ts";
import { Sandboxes } from "./sandboxes/service.ts";
import { sessionsInSandbox } from "./sessions/in-sandbox.ts";
import { probeHttp } from "./sessions/probe.ts";
import { SessionService } from "./sessions/service.ts";
import type { Store } from "./store/contract.ts";
import { openStore } from "./store/open.ts";
import { threadOutput } from "./threads/output.ts";
import { Threads } from "./threads/threads.ts";

export interface DaemonOptions {
  readonly home: Home;
  readonly log: Log;
  readonly processes: Processes;
  readonly hostProgram: { readonly file: string; readonly args: readonly string[] };
  /** Selects Redis instead of the embedded store. */
  readonly redisUrl: string | undefined;
  readonly shutDown: () => void;
  /** Epoch of the daemon that served this home before and died; what it held is released. */
  readonly predecessor: string | undefined;
}

/** The daemon without its endpoint: all parts, wired. */
export interface Daemon extends Disposable {
  readonly epoch: string;
  readonly handlers: Handlers;
  readonly listeners: Listeners;
  /** Whether anything runs that needs a daemon. */
  readonly busy: boolean;
  /** Settles when everything disposed of has ended. */
  closed(): Promise<void>;
}

/** Longest time the parts get to end, in milliseconds. */
const closeTimeoutMs = 7_000;

/** @throws DevlatchError `STORE_UNAVAILABLE`, `INVALID_INPUT` for a Redis URL that can't be used */
export async function createDaemon(options: DaemonOptions): Promise<Daemon> {
  const { home, log } = options;
  const scope = new Scope();
  const journal = scope.add(
    new Journal(home.journalFile, { onProblem: (problem) => log.warn({ problem }, "journal problem") }),
  );
  const processes = recordSignals(options.processes, (signal, target) =>
    journal.append({ kind: "signal", by: "daemon", signal, process: target }),
  );
  const machine = await machineId();
  const epoch = randomToken();
  const rivals = (daemons: Parameters<typeof rivalAmong>[0]) =>
    rivalAmong(daemons, { processes, instance: epoch });
  const store = await openStore({ home, log, redisUrl: options.redisUrl, rivalAmong: rivals });
  const deadOwners = scope.add(
    new DeadOwners({ locks: store.locks, records: store.records, processes, log, instance: epoch }),
  );
  const locks = new LockService(store.locks, { instance: epoch, deadOwners });
  const monitor = new ConcurrencyMonitor(locks, store, {
    instance: epoch,
    name: `${hostname()}, daemon ${process.pid}`,
  });
  const threads = scope.add(new Threads());
  const output = threadOutput(threads);
  const { sessionsDirectory, journalFile } = home;
  const { hostProgram } = options;
  const cleanups: Cleanups = scope.add(
    new Cleanups({
      file: home.cleanupsFile,
      perform: (task, signal) => performCleanup({ sessions, runs, sandboxes, deadOwners }, task, signal),
      log,
      now: Date.now,
    }),
  );
  const hosts = new Hosts({ processes, log, output, sessionsDirectory, journalFile, hostProgram });
  const sessions = scope.add(
    new SessionService(
      {
        processes,
        hosts,
        locks,
        log,
        output,
        cleanups,
        machineId: machine,
        now: Date.now,
      },
      store.records,
    ),
  );
  const runs = scope.add(
    new RunService(
      { hosts, locks, log, cleanups, thread: (at) => threads.of(at), machineId: machine, now: Date.now },
      store.records,
    ),
  );
  const holders = scope.add(
    new Holders({
      records: store.records,
      processes,
      log,
      machineId: machine,
      machine: hostname(),
      isStopped: (place) => {
        const state = sessions.registry.peek(sessionKey(place.sandboxId, place.app))?.state;
        return state !== undefined && !isActive(state);
      },
      now: () => store.now(),
    }),
  );
  const workspace = createWorkspace();
  const sandboxes = scope.add(
    new Sandboxes({
      locks,
      records: store.records,
      now: () => store.now(),
      workspace,
      processes,
      sessions: sessionsInSandbox(sessions, home.sessionsDirectory, {
        directory: (directory) => threads.close(directory),
        holders: (record) => holders.forget(record),
      }),
      cleanups,
      log,
      machineId: machine,
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
  const health = scope.add(createHealth(options, scope, store, monitor, sessions));
  const { predecessor } = options;
  const begins = { "other daemons": deadOwners, holders, sessions, runs, sandboxes };
  const pickUp = scope.add(
    new PickUp({
      store,
      log,
      first:
        predecessor === undefined
          ? []
          : [{ what: "release", thing: "its locks", run: () => deadOwners.release(predecessor) }],
      parts: Object.entries(begins).map(([thing, part]) => ({
        what: "pick up",
        thing,
        run: () => part.begin(),
      })),
    }),
  );
  await pickUp.begin();
  void cleanups.begin();
  const hub = scope.add(
    new StateHub({
      epoch,
      sessions: sessions.registry.all().map((record) => viewOf(record, { shown, holders })),
      locks: [],
      health: null,
      concurrency: monitor.latest,
    }),
  );
  scope.add(publishChanges({ hub, sessions, shown, holders, locks, monitor, health, journal, log }));
  scope.add(stopWhenTooLarge({ sessions, resources, log }));
  scope.add(stopWhenUnused({ sessions, holders, machineId: machine, log }));
  health.recheck();
  const doctor = createDoctor({
    processes,
    hosts,
    sessions,
    runs,
    sandboxes,
    locks,
    cleanups,
    deadOwners,
    threads,
    sessionsDirectory,
    machineId: machine,
    knowsAll: () => pickUp.complete,
  });
  const startedAt = performance.now();
  const parts: Parts = {
    workspace,
    sessions,
    runs,
    sandboxes,
    holders,
    callers: new Callers(processes),
    fights: new Fights(() => performance.now()),
    threads,
    journal,
    processes,
    resources,
    cleanups,
    doctor,
    health,
    monitor,
    hub,
    log,
    machineId: machine,
    locks,
    daemon: () => ({
      pid: process.pid,
      version,
      uptimeMs: Math.round(performance.now() - startedAt),
      store: { kind: store.kind, healthy: store.healthy },
      home: home.directory,
      logFile: home.logFile,
    }),
    shutDown: options.shutDown,
  };
  scope.add(restartWhenDue(parts));
  const closing = Promise.withResolvers<void>();
  return {
    epoch,
    handlers: createHandlers(parts),
    listeners: createListeners(parts),
    get busy() {
      return sessions.busy || runs.busy;
    },
    dispose: () => {
      const held = { kind: "free-locks", instance: epoch } as const;
      // Before anything is closed: a daemon killed from here on leaves no state file, but locks.
      cleanups.intend({ what: "release what was held by", thing: `daemon ${process.pid}`, task: held });
      try {
        scope.dispose();
      } finally {
        void closeStore({ monitor, locks, deadOwners, store })
          .then(({ failures, released }) => {
            if (released) cleanups.settle(held);
            if (failures.length > 0) log.warn({ failures: describeFailures(failures) }, "not all was closed");
          })
          .finally(closing.resolve);
      }
    },
    closed: () =>
      Promise.race([
        closing.promise,
        new Promise<void>((resolve) => setTimeout(resolve, closeTimeoutMs).unref()),
      ]),
  };
}

function createHealth(
  { home }: DaemonOptions,
  scope: Scope,
  store: Store,
  locks: ConcurrencyMonitor,
  sessions: SessionService,
): HealthMonitor {
  const loop = startLoopMonitor();
  scope.defer(() => loop.disable());
  const probe = (signal: AbortSignal) => store.probe(signal);
  const answers = async (url: string, signal: AbortSignal) => {
    const { hostname, port } = new URL(url);
    return (await probeHttp(hostname.replace(/[[\]]/g, ""), Number(port), "/", signal))?.status;
  };
  const monitor = new HealthMonitor({
    store: storeCheck(store.kind, probe),
    database: storeCheck("the local database", probe),
    concurrency: concurrencyCheck(() => locks.check()),
    resources: resourcesCheck(home.directory, loop),
    servers: serversCheck(
      () =>
        sessions.registry.all().map(({ session, app, state }) => ({
          session,
          app,
          state: state.kind === "ready" || state.kind === "failed" ? state.kind : "other",
          ...(state.kind === "ready" ? { url: state.url } : {}),
        })),
      answers,
    ),
  });
  scope.add(store.onHealthChanged(() => monitor.recheck()));
  return monitor;
}
