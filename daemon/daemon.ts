import { describeFailures } from "../shared/base/clean-up.ts";
import { type Disposable, Scope } from "../shared/base/disposable.ts";
import { version } from "../shared/base/version.ts";
import type { DaemonView } from "../shared/model/daemon.ts";
import { closeStore } from "./lifecycle/closing.ts";
import type { Handlers, Listeners } from "./methods/handlers.ts";
import { SnapshotHub } from "./snapshot/hub.ts";
import { viewOf } from "./snapshot/session-view.ts";
import { type Base, createBase } from "./wiring/base.ts";
import { createDoctor } from "./wiring/doctor.ts";
import { createListeners, createMethods } from "./wiring/methods.ts";
import type { DaemonOptions } from "./wiring/options.ts";
import { createReactors } from "./wiring/reactors.ts";
import { createServices, type Services } from "./wiring/services.ts";
import { createUseCases } from "./wiring/use-cases.ts";
import { createPickUp, createWatchers, type Watchers } from "./wiring/watchers.ts";

/** The daemon without its endpoint: all parts, wired. */
export interface Daemon extends Disposable {
  readonly epoch: string;
  readonly handlers: Handlers;
  readonly listeners: Listeners;
  /** Whether anything runs that needs a daemon. */
  readonly busy: boolean;
  /** Writes down why it ends, before it is disposed of. */
  ending(reason: string): void;
  /** Settles when everything disposed of has ended. */
  closed(): Promise<void>;
}

/** Longest time the parts get to end, in milliseconds. */
const closeTimeoutMs = 7_000;

/** @throws DevlatchError `STORE_UNAVAILABLE`, `INVALID_INPUT` for a Redis URL that can't be used */
export async function createDaemon(options: DaemonOptions): Promise<Daemon> {
  const scope = new Scope();
  const base = await createBase(options, scope);
  const services = createServices(base, options.hostProgram, scope);
  const watchers = createWatchers(base, services, options.databaseProgram, scope);
  const pickUp = scope.add(createPickUp(base, services, options.predecessor));
  await pickUp.begin();
  void services.cleanups.begin();
  const hub = scope.add(createHub(base, services, watchers));
  const useCases = createUseCases(base, services, watchers, scope);
  createReactors(base, services, watchers, useCases, hub, scope);
  watchers.health.begin();
  const doctor = createDoctor(base, services, () => pickUp.complete);
  const { shutDown } = options;
  const handlers = createMethods(base, services, watchers, useCases, {
    ...{ hub, doctor, shutDown },
    daemon: describeDaemon(base),
  });
  return running({ handlers, listeners: createListeners(base, services, useCases) }, base, services, scope);
}

function createHub({ epoch, monitor }: Base, services: Services, { alerts }: Watchers): SnapshotHub {
  return new SnapshotHub({
    epoch,
    sessions: services.sessions.registry.all().map((record) => viewOf(record, services)),
    locks: [],
    locksAt: Date.now(),
    health: null,
    concurrency: monitor.latest,
    alerts: alerts.board,
  });
}

/** What the daemon says of itself, each time anew. */
function describeDaemon({ home, store }: Base): () => DaemonView {
  const startedAt = performance.now();
  return () => ({
    pid: process.pid,
    version,
    uptimeMs: Math.round(performance.now() - startedAt),
    store: { kind: store.kind, healthy: store.healthy },
    home: home.directory,
    logFile: home.logFile,
  });
}

function running(
  answers: Pick<Daemon, "handlers" | "listeners">,
  base: Base,
  { sessions, runs, cleanups }: Services,
  scope: Scope,
): Daemon {
  const { epoch, journal, log } = base;
  const closing = Promise.withResolvers<void>();
  return {
    epoch,
    ...answers,
    get busy() {
      return sessions.busy || runs.busy;
    },
    ending: (reason) => {
      journal.append({ kind: "daemon", pid: process.pid, change: { kind: "stopped", reason } });
      journal.flush();
    },
    dispose: () => {
      const held = { kind: "free-locks", instance: epoch } as const;
      // Before anything is closed: a daemon killed from here on leaves no state file, but locks.
      cleanups.intend({ what: "release what was held by", thing: `daemon ${process.pid}`, task: held });
      try {
        scope.dispose();
      } finally {
        void closeStore(base)
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
