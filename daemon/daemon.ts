import { describeFailures } from "../shared/base/clean-up.ts";
import { type Disposable, Scope } from "../shared/base/disposable.ts";
import { version } from "../shared/base/version.ts";
import { stopWhenTooLarge } from "./handlers/breaker.ts";
import type { Handlers, Listeners } from "./handlers/contract.ts";
import { createDoctor } from "./handlers/create-doctor.ts";
import { createHandlers, createListeners } from "./handlers/handlers.ts";
import type { Parts } from "./handlers/parts.ts";
import { publishChanges, viewOf } from "./handlers/publish.ts";
import { restartWhenDue } from "./handlers/restarts.ts";
import { StateHub } from "./handlers/state-hub.ts";
import { stopWhenUnused } from "./handlers/unused.ts";
import { Callers } from "./holders/callers.ts";
import { Fights } from "./holders/fights.ts";
import { closeStore } from "./lifecycle/closing.ts";
import type { PickUp } from "./lifecycle/pick-up.ts";
import { type Base, createBase } from "./wiring/base.ts";
import type { DaemonOptions } from "./wiring/options.ts";
import { createServices, type Services } from "./wiring/services.ts";
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
  const all = { ...base, ...services, ...watchers, hub, pickUp };
  scope.add(watchers.alerts.onChanged((board) => hub.publish({ kind: "alerts", alerts: board })));
  scope.add(publishChanges(all));
  scope.add(stopWhenTooLarge(all));
  scope.add(stopWhenUnused(all));
  watchers.health.begin();
  const parts = partsOf(all, options);
  scope.add(restartWhenDue(parts));
  return running(parts, base, services, scope);
}

function createHub({ epoch, monitor }: Base, services: Services, { alerts }: Watchers): StateHub {
  return new StateHub({
    epoch,
    sessions: services.sessions.registry.all().map((record) => viewOf(record, services)),
    locks: [],
    health: null,
    concurrency: monitor.latest,
    alerts: alerts.board,
  });
}

function partsOf(
  all: Base & Services & Watchers & { readonly hub: StateHub; readonly pickUp: PickUp },
  { shutDown }: DaemonOptions,
): Parts {
  const { home, store, processes, pickUp } = all;
  const startedAt = performance.now();
  return {
    ...all,
    callers: new Callers(processes),
    fights: new Fights(() => performance.now()),
    doctor: createDoctor({
      ...all,
      sessionsDirectory: home.sessionsDirectory,
      knowsAll: () => pickUp.complete,
    }),
    daemon: () => ({
      pid: process.pid,
      version,
      uptimeMs: Math.round(performance.now() - startedAt),
      store: { kind: store.kind, healthy: store.healthy },
      home: home.directory,
      logFile: home.logFile,
    }),
    shutDown,
  };
}

function running(parts: Parts, base: Base, { sessions, runs, cleanups }: Services, scope: Scope): Daemon {
  const { epoch, journal, log } = base;
  const closing = Promise.withResolvers<void>();
  return {
    epoch,
    handlers: createHandlers(parts),
    listeners: createListeners(parts),
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
