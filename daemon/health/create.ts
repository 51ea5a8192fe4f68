import { basename, join } from "node:path";
import type { Scope } from "../../shared/base/disposable.ts";
import type { Event } from "../../shared/base/emitter.ts";
import type { Log } from "../../shared/base/log.ts";
import type { Home } from "../../shared/client/home.ts";
import type { Concurrency } from "../../shared/model/concurrency.ts";
import type { HealthComponentName, HealthReport } from "../../shared/model/health.ts";
import type { JournalEvent } from "../../shared/model/journal.ts";
import { sessionKey } from "../../shared/model/keys.ts";
import type { ServerUse } from "../../shared/model/server-values.ts";
import type { SessionRecord } from "../../shared/model/session.ts";
import type { Store } from "../store/store.ts";
import { concurrencyCheck } from "./checks/concurrency.ts";
import { databaseCheck } from "./checks/database.ts";
import { crossedLimits, resourcesCheck, type UsedTree } from "./checks/resources.ts";
import { type AskServer, type CheckedServer, serversCheck } from "./checks/servers.ts";
import { storeCheck } from "./checks/store.ts";
import { type ExaminingProgram, examineIn } from "./database/examine.ts";
import { Health } from "./health.ts";
import { HealthHistory } from "./history/history.ts";
import { measureLoopDelay } from "./machine/loop-delay.ts";
import { Machine } from "./machine/machine.ts";
import { systemSensors } from "./machine/sensors.ts";
import { HealthMonitor } from "./monitor.ts";
import { HealthSettings } from "./settings.ts";
import { systemTiming } from "./timing.ts";

/** What health looks at. */
export interface HealthSources {
  readonly home: Home;
  readonly log: Log;
  readonly store: Pick<Store, "kind" | "probe" | "onHealthChanged">;
  readonly locks: { check(): Promise<Concurrency> };
  /** Every session of the store. */
  readonly sessions: () => readonly SessionRecord[];
  /** Of this machine; servers of others can't be reached from here. */
  readonly isHere: (record: SessionRecord) => boolean;
  readonly askServer: AskServer;
  /** What the servers of this machine use. */
  readonly trees: () => readonly UsedTree[];
  /** What a server used since about the last check. */
  readonly used: (key: string) => ServerUse | undefined;
  /** Fires when those figures are new. */
  readonly onTreesSampled: Event<unknown>;
  readonly journal: { append(event: JournalEvent): void; setAside(): string | undefined };
  readonly databaseProgram: ExaminingProgram;
}

/** Wires what looks at Devlatch and the machine. @param scope ends it */
export function createHealth(sources: HealthSources, scope: Scope): Health {
  const { home, log, store, journal, trees } = sources;
  const clock = systemTiming;
  const settings = new HealthSettings(home.healthSettingsFile);
  const thresholds = () => settings.current;
  const onProblem = (problem: string) => log.warn({ problem }, "health history problem");
  const history = scope.add(new HealthHistory({ file: home.healthFile, now: clock.epoch, onProblem }));
  const sensors = systemSensors(home.directory, scope.add(measureLoopDelay()));
  const machine = scope.add(new Machine(sensors, thresholds, clock));
  const refreshSettings = () => settings.refresh();
  const monitor = scope.add(
    new HealthMonitor({
      store: storeCheck(store, thresholds),
      database: databaseCheck({
        files: [home.journalFile, home.healthFile, store.kind === "redis" ? home.outageFile : home.storeFile],
        scratchFile: join(home.directory, ".health-check"),
        examine: (request, signal) => examineIn(sources.databaseProgram, request, signal),
        onDamaged: (file) => mend(file, { home, journal, history }),
        thresholds,
        clock,
      }),
      concurrency: concurrencyCheck(() => sources.locks.check()),
      resources: resourcesCheck({ sensors, machine, trees, thresholds, refreshSettings }),
      servers: serversCheck({
        servers: () => serversOf(sources),
        ask: sources.askServer,
        used: sources.used,
        thresholds,
        clock,
      }),
    }),
  );
  scope.add(store.onHealthChanged((healthy) => monitor.recheck(...outdatedBy(healthy, monitor.latest))));
  scope.add(machine.onCrossed(() => monitor.recheck("resources")));
  let crossed = "[]";
  scope.add(
    sources.onTreesSampled(() => {
      const now = crossedLimits(trees(), thresholds());
      if (now !== crossed) monitor.recheck("resources");
      crossed = now;
    }),
  );
  return scope.add(new Health({ monitor, history, settings, journal }));
}

/**
 * What the store's success or failure makes outdated. A store that reads but doesn't write goes from one to the other
 * with every call, the checks' own included: what is shown already is no news.
 */
function outdatedBy(healthy: boolean, shown: HealthReport | null): readonly HealthComponentName[] {
  const { store, concurrency } = shown?.components ?? {};
  const isShownAway = store?.status === "critical";
  if (healthy !== isShownAway && shown !== null) return [];
  return healthy && concurrency?.status !== "unknown" ? ["store"] : ["store", "concurrency"];
}

/** The embedded store and the outage's file hold locks that live: they are set aside when the daemon starts. */
function mend(
  file: string,
  { home, journal, history }: Pick<HealthSources, "home" | "journal"> & { readonly history: HealthHistory },
): string | undefined {
  if (file === home.journalFile) return replacedJournal(journal.setAside());
  return file === home.healthFile ? history.setAside() : undefined;
}

function serversOf({ sessions, isHere }: HealthSources): readonly CheckedServer[] {
  return sessions()
    .filter(isHere)
    .flatMap(({ sandboxId, app, root, state, ready }): CheckedServer[] => {
      const server = { key: sessionKey({ sandboxId, app }), name: `${app} of ${basename(root)}` };
      if (state.kind === "ready") return [{ ...server, state: "ready", url: state.url, ready }];
      if (state.kind !== "failed" && state.kind !== "crashed") return [];
      return [{ ...server, state: "failed", why: state.error.message, since: state.since }];
    });
}

function replacedJournal(aside: string | undefined): string {
  return aside === undefined
    ? "A new one is begun."
    : `It was set aside as ${aside}, and a new one is begun.`;
}
